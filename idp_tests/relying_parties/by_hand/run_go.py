"""A Go service with coreos/go-oidc."""

from pathlib import Path

from idp_tests.relying_parties.by_hand.conftest import install, need, port_of
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import running

HERE = Path(__file__).parent / "go_oidc"


def test_a_service_with_go_oidc_logs_in(parties: Parties, person: Person, tmp_path: Path) -> None:
    built = install("go_oidc", [need("go"), "build", "-C", str(HERE), "-o", str(tmp_path / "ferry"), "."])
    address = parties.addresses["ferry"]
    environment = {
        "ISSUER": parties.issuer,
        "ADDRESS": address,
        "LISTEN": f"localhost:{port_of(address)}",
        "CLIENT_SECRET": parties.secrets["ferry"],
        "SSL_CERT_FILE": str(parties.world.trusted),
    }
    with running(
        [str(tmp_path / "ferry")], address=address, log=tmp_path / "log", environment=environment, directory=built
    ):
        told = person.ask(f"{address}/login").told()
    assert told["name"] == "Anna Andersson"
