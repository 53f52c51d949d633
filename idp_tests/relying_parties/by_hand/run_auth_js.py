"""An Express application with Auth.js."""

import shutil
from pathlib import Path

from idp_tests.relying_parties.by_hand.conftest import CACHE, install, need, port_of
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import running

HERE = Path(__file__).parent / "auth_js"


def test_an_application_with_auth_js_logs_in(parties: Parties, person: Person, tmp_path: Path) -> None:
    (CACHE / "auth_js").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "package.json", CACHE / "auth_js")
    place = install("auth_js", [need("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund"])
    shutil.copy(HERE / "lounge.mjs", place)
    address = parties.addresses["lounge"]
    environment = {
        "ISSUER": parties.issuer,
        "PORT": port_of(address),
        "CLIENT_SECRET": parties.secrets["lounge"],
        "AUTH_SECRET": parties.secrets["parking"],
        "NODE_EXTRA_CA_CERTS": str(parties.world.trusted),
    }
    command = [need("node"), "lounge.mjs"]
    with running(command, address=address, log=tmp_path / "log", environment=environment, directory=place):
        token = person.ask(f"{address}/auth/csrf").told()["csrfToken"]
        answer = person.http.post(
            f"{address}/auth/signin/prezero", data={"csrfToken": token}, allow_redirects=False, timeout=20
        )
        person.ask(answer.headers["Location"])
        told = person.ask(address).told()
    assert told["user"]["name"] == "Anna Andersson"
