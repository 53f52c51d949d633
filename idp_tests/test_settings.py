"""Settings: read from one file, relative to it, with rules between the keys."""

from datetime import timedelta
from pathlib import Path

import pytest

from idp.settings import Mode, Settings
from idp.settings_file import SettingsProblem, key_of, load_settings
from idp.web.oidc import discovery

PLAIN = """
mode = "sandbox"
issuer = "https://id.example"
[bankid]
api_url = "https://localhost:1/rp/v6.0"
client_certificate = "rp.p12"
"""


def load(tmp_path: Path, text: str = PLAIN) -> Settings:
    file = tmp_path / "idp.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SettingsProblem) as found:
        load(tmp_path, text)
    place = f"{tmp_path / 'idp.toml'}: "
    assert all(line.startswith(place) for line in found.value.lines)
    return [line.removeprefix(place) for line in found.value.lines]


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    found = load(tmp_path, PLAIN + '[mail]\nfolder = "mail"\n')
    assert found.bankid.client_certificate == tmp_path / "rp.p12"
    assert found.keys.directory == tmp_path / "keys"
    assert found.clients == (tmp_path / "clients",)
    assert found.mail.folder == tmp_path / "mail"


def test_a_file_from_an_editor_that_marks_text_is_read(tmp_path: Path) -> None:
    file = tmp_path / "idp.toml"
    file.write_bytes(b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())
    assert load_settings(file).issuer == "https://id.example"


@pytest.mark.parametrize("url", [None, "sqlite:///idp.db"])
def test_the_database_file_is_relative_to_the_file_too(tmp_path: Path, url: str | None) -> None:
    text = PLAIN if url is None else PLAIN + f'[database]\nurl = "{url}"\n'
    assert load(tmp_path, text).database.url == f"sqlite:///{tmp_path / 'idp.db'}"


@pytest.mark.parametrize("url", ["sqlite:////var/idp.db", "postgresql+psycopg://idp@db/idp"])
def test_another_database_address_stays_as_it_is(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, PLAIN + f'[database]\nurl = "{url}"\n').database.url == url


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[mail]\nuser = "x"\nstarttls = false', "mail.starttls: must be true when user is set"),
        ('[mail]\nuser = "x"', "mail.password_file: is missing; user is set"),
        ('[brand]\ntime_zone = "Stockholm"', "brand.time_zone: must be a time zone that this machine knows"),
        ('[brand]\ntime_zone = "../etc/passwd"', "brand.time_zone: must be a time zone that this machine knows"),
        ('evidence = "require"', "bankid.people_roots: is missing; evidence is required"),
        ('[mail]\nsmtp_host = "a"\nfolder = "b"', "mail.folder: stands beside smtp_host"),
        ('[mail]\nsender = "PreZero <a@b.se>"', "mail.sender: must be one bare e-mail address"),
        ('[mail]\nsender = "a@b.se\\nBcc: c@d.se"', "mail.sender: must be one bare e-mail address"),
        ('[server]\ntls_key = "a"', "server.tls_certificate, server.tls_key: belong together"),
        ("[database]\npool_size = 2", "database.pool_size: must be at least server.threads"),
        ("[server]\nworkrs = 2", "server.workrs: unknown key; did you mean workers?"),
        ('[back_channel]\nprivate_networks = ["x"]', "back_channel.private_networks.0: must be a network"),
    ],
)
def test_a_rule_that_is_broken_names_its_key_once(tmp_path: Path, table: str, problem: str) -> None:
    (line,) = problems(tmp_path, PLAIN + table)
    assert line.startswith(problem)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[sign_in]\nsession_idle = "PT0S"', "sign_in.session_idle: Input should be greater than or equal to 1 minute"),
        (
            "[sign_in]\nsession_absolute = -1",
            "sign_in.session_absolute: Input should be greater than or equal to 1 minute",
        ),
        (
            '[sign_in]\ninteraction_idle = "-PT5M"',
            "sign_in.interaction_idle: Input should be greater than or equal to 5 minutes",
        ),
        (
            "[sign_in]\ninteraction_absolute = 0",
            "sign_in.interaction_absolute: Input should be greater than or equal to 5 minutes",
        ),
        ("[sign_in]\nconsent_lifetime = 0", "sign_in.consent_lifetime: Input should be greater than or equal to 1 day"),
        (
            '[sign_in]\nconsent_lifetime = "P999999999D"',
            "sign_in.consent_lifetime: Input should be less than or equal to 3650 days",
        ),
        ("[linking]\nperson_per_day = 0", "linking.person_per_day: Input should be greater than or equal to 1"),
        (
            "[linking]\nperson_per_year = 30",
            "linking.company_whole_numbers_per_year: must be more than person_per_year, or one person can use it up",
        ),
        ("[keys]\nnext_for = 0", "keys.next_for: Input should be greater than or equal to 1 hour"),
        (
            '[linking]\ncustomer_number_pattern = "[0-9"',
            "linking.customer_number_pattern: must be a regular expression",
        ),
        ('[linking]\ncustomer_number_pattern = "a{99999999999}"', "linking.customer_number_pattern: must be a regular"),
    ],
)
def test_a_value_that_makes_no_sense_names_its_key_and_the_bound(tmp_path: Path, table: str, problem: str) -> None:
    (line,) = problems(tmp_path, PLAIN + table)
    assert line.startswith(problem)


def test_a_new_key_is_published_for_longer_than_relying_parties_keep_the_old_ones(tmp_path: Path) -> None:
    shortest = timedelta(seconds=discovery.MAX_AGE_SECONDS)
    seconds = int(shortest.total_seconds())
    assert load(tmp_path, PLAIN + f"[keys]\nnext_for = {seconds}\n").keys.next_for == shortest
    assert problems(tmp_path, PLAIN + f"[keys]\nnext_for = {seconds - 1}\n")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = PLAIN.replace('"https://id.example"', '"ftp://x"') + "[server]\nport = 0\nworkrs = 1\n[brnd]\n"
    assert [line.partition(":")[0] for line in problems(tmp_path, text)] == [
        "issuer",
        "server.port",
        "server.workrs",
        "brnd",
    ]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example/idp",
        "https://id.example/idp/",
        "https://ID.example",
        "https://id.example:443",
        "http://localhost:80",
        "https://anna@id.example",
        "https://id.example?x",
        "https://id.example:x",
    ],
)
def test_an_issuer_is_what_browsers_send_as_origin_or_no_form_would_be_believed(tmp_path: Path, issuer: str) -> None:
    (line,) = problems(tmp_path, PLAIN.replace("https://id.example", issuer))
    assert line.startswith("issuer: ")


@pytest.mark.parametrize(
    "issuer", ["https://id.example", "https://id.example:8443", "http://localhost:8000", "https://[::1]"]
)
def test_an_issuer_may_have_a_port_of_its_own(tmp_path: Path, issuer: str) -> None:
    assert load(tmp_path, PLAIN.replace("https://id.example", issuer)).issuer == issuer


@pytest.mark.parametrize("host", ["bankid.com.evil.example", "notbankid.com", "appapi2.bankid.com.evil.example"])
def test_production_asks_no_host_that_only_looks_like_bankids(tmp_path: Path, host: str) -> None:
    text = PLAIN.replace("sandbox", "production").replace('api_url = "https://localhost', f'api_url = "https://{host}')
    assert any(line.startswith("bankid.api_url: production speaks to") for line in problems(tmp_path, text))


def test_production_tells_everything_that_is_unsafe(tmp_path: Path) -> None:
    text = PLAIN.replace("sandbox", "production").replace("https://id", "http://id") + '[mail]\nfolder = "mail"\n'
    keys = [line.partition(":")[0] for line in problems(tmp_path, text)]
    assert keys == ["issuer", "bankid.api_url", "mail.folder"]


REAL = PLAIN.replace("sandbox", "production").replace("localhost:1", "appapi2.bankid.com")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('issuer = "https', 'issuer = "http', "issuer"),
        ("appapi2.bankid.com", "bankid.example", "bankid.api_url"),
        ("appapi2.bankid.com", "appapi2.test.bankid.com", "bankid.test_environment"),
        ("[bankid]", "[bankid]\ntest_environment = true", "bankid.test_environment"),
        ("[bankid]", '[bankid]\nlaunch_url = "https://phone.example/"', "bankid.launch_url"),
        ("[bankid]", '[mail]\nfolder = "mail"\n[bankid]', "mail.folder"),
    ],
)
def test_production_starts_with_none_of_these(tmp_path: Path, old: str, new: str, key: str) -> None:
    """Each alone, beside settings with which it does start."""
    assert load(tmp_path, REAL).mode is Mode.PRODUCTION
    (line,) = problems(tmp_path, REAL.replace(old, new, 1))
    assert line.startswith(f"{key}: ")


def test_a_file_is_found_by_the_key_that_names_it(tmp_path: Path) -> None:
    found = load(tmp_path, PLAIN + 'people_roots = ["a.pem", "b.pem"]\n')
    assert key_of(tmp_path / "rp.p12", found) == "bankid.client_certificate"
    assert key_of(tmp_path / "b.pem", found) == "bankid.people_roots"
    assert key_of(tmp_path / "c.pem", found) is None
