"""`idp clients`: listed, explained before use, and written well by answers."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from idp.adapters.sector_documents import FetchedSectorDocuments
from idp_tests.cli.installation import Installation

GOOD = """
client_name = "MittPreZero"
security_profile = "native_public"
redirect_uris = ["https://app.example/cb"]
"""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    key = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"})
    (tmp_path / "public.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
    (tmp_path / "private.json").write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    return tmp_path / "public.json"


def answers(*lines: str) -> str:
    """What is typed; every question after these is answered with nothing."""
    return "".join(f"{line}\n" for line in (*lines, *[""] * 6))


def test_no_clients_are_a_hint(installed: Installation) -> None:
    assert "idp clients new" in installed.done("clients", "list")


def test_every_client_is_listed_with_its_profile_and_file(installed: Installation) -> None:
    (installed.directory / "clients" / "app.toml").write_text(GOOD, encoding="utf-8")
    shown = installed.done("clients", "list")
    assert shown.split() == ["app", "native_public", "none", str(installed.directory / "clients" / "app.toml")]


def test_a_file_is_explained_in_words_before_it_is_used(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "app.toml"
    file.write_text(GOOD, encoding="utf-8")
    shown = installed.done("clients", "check", str(file))
    assert "People are sent back to exactly: https://app.example/cb." in shown
    assert "WARN a public client with refresh tokens and without DPoP" in shown


def test_every_mistake_of_a_file_is_a_line(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "app.toml"
    file.write_text(GOOD.replace("security_profile", "security_profil").replace("https", "http"), encoding="utf-8")
    result = installed.run("clients", "check", str(file))
    assert result.exit_code == 2
    assert all(line.startswith(f"{file}: ") for line in result.stderr.splitlines())
    assert "did you mean security_profile?" in result.stderr


def test_a_partner_with_a_secret_is_written_with_its_hash_only(installed: Installation) -> None:
    typed = answers("Partner Åkeri", "", "third_party", "web", "https://p.example/cb https://p.example/2", "secret")
    shown = installed.done("clients", "new", typed=typed)
    text = (installed.directory / "clients" / "partner-akeri.toml").read_text(encoding="utf-8")
    secret, members = shown.splitlines()[-1], tomllib.loads(text)
    assert len(secret) == 43
    assert secret not in text
    assert members["client_secret_hash"] == hashlib.sha256(secret.encode()).hexdigest()
    assert members["token_endpoint_auth_methods"] == ["client_secret_basic", "client_secret_post"]
    assert members["redirect_uris"] == ["https://p.example/cb", "https://p.example/2"]
    assert "SIGHUP" in shown
    assert "partner-akeri" in installed.done("clients", "list")


def test_a_portal_with_keys_is_written_with_its_public_keys_beside_it(installed: Installation, keys: Path) -> None:
    installed.done("clients", "new", typed=answers("Portal", "", "web_confidential", "https://p.example/cb", str(keys)))
    written = json.loads((installed.directory / "clients" / "portal.jwks.json").read_text(encoding="utf-8"))
    assert written == json.loads(keys.read_text(encoding="utf-8"))
    assert "portal" in installed.done("clients", "list")


def test_a_partner_is_asked_for_what_it_has(installed: Installation) -> None:
    addresses = ("https://p.example/bye", "https://p.example/start", "https://p.example/", "https://p.example/logout")
    typed = answers(
        "Partner", "", "third_party", "web", "https://p.example/cb", "secret", "openid customer", *addresses
    )
    installed.done("clients", "new", typed=typed)
    members = tomllib.loads((installed.directory / "clients" / "partner.toml").read_text(encoding="utf-8"))
    assert members["scope"] == "openid customer"
    assert members["post_logout_redirect_uris"] == ["https://p.example/bye"]
    told = ("initiate_login_uri", "client_uri", "backchannel_logout_uri")
    assert tuple(members[name] for name in told) == addresses[1:]


@pytest.mark.parametrize(
    ("program", "addresses"),
    [
        ("single-page", "https://p.example/cb"),
        ("native", "http://127.0.0.1/cb http://[::1]/cb"),
        ("native", "se.p.app:/cb"),
    ],
)
def test_a_partners_program_that_can_keep_no_secret_is_written_without(
    installed: Installation, program: str, addresses: str
) -> None:
    shown = installed.done("clients", "new", typed=answers("Partner", "", "third_party", program, addresses))
    assert "it cannot keep a secret" in shown
    file = installed.directory / "clients" / "partner.toml"
    members = tomllib.loads(file.read_text(encoding="utf-8"))
    assert members["token_endpoint_auth_method"] == "none"
    assert members.get("application_type") == ("native" if program == "native" else None)
    assert "People are sent back to exactly" in installed.done("clients", "check", str(file))


def test_a_scope_that_nobody_knows_is_asked_for_again(installed: Installation) -> None:
    typed = answers("Partner", "", "third_party", "web", "https://p.example/cb", "secret", "openid adress", "profile")
    assert "adress: unknown" in installed.run("clients", "new", typed=typed).output
    members = tomllib.loads((installed.directory / "clients" / "partner.toml").read_text(encoding="utf-8"))
    assert members["scope"] == "openid profile"


def test_an_app_is_asked_for_no_secret(installed: Installation) -> None:
    shown = installed.done("clients", "new", typed=answers("App", "the-app", "native_public", "https://app.example/cb"))
    assert "it cannot keep a secret" in shown
    assert (installed.directory / "clients" / "the-app.toml").exists()


def test_private_keys_are_refused(installed: Installation, keys: Path) -> None:
    private = keys.with_name("private.json")
    typed = answers("Portal", "", "web_confidential", "https://p.example/cb", str(private))
    result = installed.run("clients", "new", typed=typed)
    assert result.exit_code == 2
    assert "holds PRIVATE keys" in result.stderr
    assert list((installed.directory / "clients").iterdir()) == []


def test_a_file_that_would_not_do_is_not_left_behind(installed: Installation) -> None:
    result = installed.run("clients", "new", typed=answers("App", "", "native_public", "http://app.example/cb#x"))
    assert result.exit_code == 2
    assert "redirect_uris" in result.stderr
    assert list((installed.directory / "clients").iterdir()) == []


def test_a_key_file_that_was_there_survives_a_client_that_would_not_do(installed: Installation, keys: Path) -> None:
    beside = installed.directory / "clients" / "portal.jwks.json"
    beside.write_bytes(keys.read_bytes())
    result = installed.run(
        "clients", "new", typed=answers("Portal", "", "web_confidential", "https://p.example/cb#x", str(beside))
    )
    assert result.exit_code == 2
    assert "redirect_uris" in result.stderr
    assert beside.read_bytes() == keys.read_bytes()


def test_a_key_file_that_lies_in_its_place_already_is_used_as_it_is(installed: Installation, keys: Path) -> None:
    beside = installed.directory / "clients" / "portal.jwks.json"
    beside.write_bytes(keys.read_bytes())
    installed.done(
        "clients", "new", typed=answers("Portal", "", "web_confidential", "https://p.example/cb", str(beside))
    )
    assert beside.read_bytes() == keys.read_bytes()
    assert "portal" in installed.done("clients", "list")


def test_a_file_with_other_keys_is_never_overwritten(installed: Installation, keys: Path) -> None:
    beside = installed.directory / "clients" / "portal.jwks.json"
    beside.write_text('{"keys": []}', encoding="utf-8")
    result = installed.run(
        "clients", "new", typed=answers("Portal", "", "web_confidential", "https://p.example/cb", str(keys))
    )
    assert result.exit_code == 2
    assert f"{beside} is there already" in result.stderr
    assert beside.read_text(encoding="utf-8") == '{"keys": []}'
    assert not (installed.directory / "clients" / "portal.toml").exists()


def test_a_key_file_of_this_run_goes_again_when_the_client_file_cannot_be_written(
    installed: Installation, keys: Path
) -> None:
    (installed.directory / "clients" / "portal.toml").symlink_to(installed.directory / "nowhere" / "portal.toml")
    result = installed.run(
        "clients", "new", typed=answers("Portal", "", "web_confidential", "https://p.example/cb", str(keys))
    )
    assert result.exit_code == 2
    assert not (installed.directory / "clients" / "portal.jwks.json").exists()


def test_a_new_client_lies_beside_the_settings_and_not_among_files_that_are_tried(installed: Installation) -> None:
    """The sandbox's last directory is the playground's, which is emptied at each start."""
    trials = installed.directory / "playground" / "clients"
    trials.mkdir(parents=True)
    installed.change('clients = ["clients"]', 'clients = ["clients", "playground/clients"]')
    shown = installed.done("clients", "new", typed=answers("App", "", "native_public", "https://p.example/cb"))
    assert (installed.directory / "clients" / "app.toml").exists()
    assert "under `./dev up` at once" in shown


def test_a_new_client_lies_in_the_last_directory_where_none_is_beside_the_settings(installed: Installation) -> None:
    installed.change('clients = ["clients"]', 'clients = ["a/clients", "b/clients"]')
    installed.done("clients", "new", typed=answers("App", "", "native_public", "https://p.example/cb"))
    assert (installed.directory / "b" / "clients" / "app.toml").exists()


def test_the_questions_are_numbered_without_a_gap(installed: Installation) -> None:
    for program in ("web", "native"):
        proof = ("secret",) if program == "web" else ()
        typed = answers(program, "", "third_party", program, "http://127.0.0.1/cb", *proof)
        numbers = [
            int(number) for number in re.findall(r"([0-9]+)\. [A-Z]", installed.done("clients", "new", typed=typed))
        ]
        assert numbers == list(range(1, len(numbers) + 1))


def test_an_existing_client_is_never_overwritten(installed: Installation) -> None:
    file = installed.directory / "clients" / "app.toml"
    file.write_text(GOOD, encoding="utf-8")
    result = installed.run("clients", "new", typed=answers("App", "", "native_public", "https://other.example/cb"))
    assert result.exit_code == 2
    assert file.read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize(("listed", "code"), [(b'["https://a.example/cb", "https://b.example/cb"]', 0), (b"[]", 2)])
def test_a_file_is_compared_with_the_document_of_its_sector(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, listed: bytes, code: int
) -> None:
    monkeypatch.setattr(FetchedSectorDocuments, "fetch", lambda _self, _uri: listed)
    file = installed.directory / "rp.toml"
    sector = 'sector_identifier_uri = "https://a.example/sector.json"\n'
    addresses = '["https://a.example/cb", "https://b.example/cb"]'
    file.write_text(sector + GOOD.replace('["https://app.example/cb"]', addresses), encoding="utf-8")
    result = installed.run("clients", "check", str(file))
    assert result.exit_code == code, result.stderr
    assert ("does not list https://a.example/cb, https://b.example/cb" in result.stderr) is (code == 2)
