"""mod_auth_openidc in its own Apache: login, claims for the application, refresh, logout from both sides."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from idp_tests.patience import PATIENCE, soon
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import running

HERE = Path(__file__).parent
MODULES = Path("/usr/lib/apache2/modules")
STATE_2_KB = "s.~-_%20å" * 220


@pytest.fixture(scope="module")
def intranet(parties: Parties) -> Iterator[str]:
    """The application's address."""
    apache = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
    if apache is None or not (MODULES / "mod_auth_openidc.so").exists():
        pytest.skip("apache2 and libapache2-mod-auth-openidc are not installed")
    with tempfile.TemporaryDirectory(prefix="intranet-") as directory:
        place = Path(directory)
        place.chmod(0o755)  # Apache's workers are another user when root starts it
        prepare(place, parties)
        address = parties.addresses["intranet"]
        with running(
            [apache, "-f", str(place / "server.conf"), "-DFOREGROUND"],
            address=f"{address}/redirect_uri",
            log=place / "output.log",
            environment=environment(place, parties),
            directory=place,
        ):
            yield address


def prepare(place: Path, parties: Parties) -> None:
    configuration = (HERE / "server.conf").read_text(encoding="utf-8")
    if os.geteuid() == 0:
        configuration += "User www-data\nGroup www-data\n"
    (place / "server.conf").write_text(configuration, encoding="utf-8")
    (place / "intranet.conf").write_text(parties.text("mod_auth_openidc/intranet.conf"), encoding="utf-8")
    (place / "pages").mkdir()
    shutil.copy(HERE / "index.shtml", place / "pages")
    shutil.copy(str(parties.world.trusted), place / "authority.pem")
    (place / "authority.pem").chmod(0o644)


def environment(place: Path, parties: Parties) -> dict[str, str]:
    return {
        "SERVER_ROOT": str(place),
        "MODULES": str(MODULES),
        "PORT": str(urlsplit(parties.addresses["intranet"]).port),
        "AUTHORITY": str(place / "authority.pem"),
        "CLIENT_SECRET": parties.secrets["intranet"],
        "COOKIE_PASSPHRASE": secrets.token_urlsafe(32),
    }


@pytest.fixture(scope="module")
def employee(parties: Parties, intranet: str) -> Person:
    """Anna, who has opened the intranet and was sent to log in on the way."""
    return Person(parties.world).ask(f"{intranet}/")


def about(person: Person, intranet: str) -> dict[str, dict[str, str]]:
    """What Apache knows: its tokens and claims."""
    return person.ask(f"{intranet}/redirect_uri", info="json").told()


def test_the_application_learns_who_is_logged_in(parties: Parties, intranet: str, employee: Person) -> None:
    employee.ask(f"{intranet}/")
    assert employee.heading == "Anna Andersson"
    assert employee.page.texts["issuer"] == parties.issuer
    assert employee.page.texts["user"] == about(employee, intranet)["id_token"]["sub"]


def test_refreshing_brings_a_new_access_token(intranet: str, employee: Person) -> None:
    before = about(employee, intranet)["access_token"]
    employee.ask(f"{intranet}/redirect_uri", refresh=f"{intranet}/", access_token=str(before))
    assert employee.url == f"{intranet}/"
    assert employee.heading == "Anna Andersson"
    assert about(employee, intranet)["access_token"] != before


def test_logging_out_at_the_provider_ends_apaches_session(parties: Parties, intranet: str) -> None:
    """Back-channel logout: nothing but the provider's own call can tell Apache (OIDC Back-Channel Logout 2.5)."""
    employee = Person(parties.world).ask(f"{intranet}/")
    assert employee.heading == "Anna Andersson"
    employee.ask(f"{parties.issuer}/logout").confirm_logout()

    def sent_away() -> bool:
        answer = employee.http.get(f"{intranet}/", allow_redirects=False, timeout=PATIENCE)
        return answer.is_redirect

    soon(sent_away, "Apache sends the person to log in again")


def test_logging_out_at_apache_ends_the_providers_session(parties: Parties, intranet: str, employee: Person) -> None:
    employee.ask(f"{intranet}/redirect_uri", logout=f"{intranet}/")
    assert employee.walked == ["bankid"], "Apache sent the person back to its start page, and that to log in"
    assert employee.heading == "Anna Andersson"


def test_a_state_of_two_kilobytes_comes_back_byte_for_byte(parties: Parties, person: Person) -> None:
    """Older versions put the whole request into it."""
    fleet = parties.relying_party("fleet", "https://fleet.example/login/oauth2/code/prezero").client
    person.ask(f"{parties.issuer}/authorize", **fleet.authorization_request(prompt="none", state=STATE_2_KB))
    assert person.answer["error"] == "login_required"
    assert person.answer["state"] == STATE_2_KB
