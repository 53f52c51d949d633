"""Keycloak as a broker: a realm takes the provider as its identity provider, and Anna gets in by it."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from idp_tests.relying_parties.by_hand.conftest import CACHE, install, need, port_of
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.programs import running

VERSION = "26.0.8"
ADMIN = "admin-of-one-run"
pytestmark = pytest.mark.timeout(600)


class Admin:
    """Keycloak's administrator, by its REST API."""

    def __init__(self, address: str) -> None:
        self.address = address
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN}
        answer = requests.post(f"{address}/realms/master/protocol/openid-connect/token", data=form, timeout=60)
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def send(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(
            method, f"{self.address}/admin/realms{path}", json=body, headers=self.headers, timeout=60
        )
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


class SecureCookiesOnLocalhost(HTTPAdapter):
    """Keeps secure cookies of http://localhost, as browsers do; Keycloak sets such cookies there."""

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        response = super().send(*arguments, **options)
        raw: Any = response.raw
        head = raw._original_response.msg
        cookies = head.get_all("Set-Cookie", [])
        del head["Set-Cookie"]
        for cookie in cookies:
            head["Set-Cookie"] = cookie.replace(";Secure", "").replace("; Secure", "")
        return response


@pytest.fixture(scope="module")
def keycloak() -> Path:
    """The unpacked distribution, from Maven."""
    artifact = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
    fetch = [need("mvn"), "-q", "dependency:copy", f"-Dartifact={artifact}", "-DoutputDirectory=."]
    place = CACHE / "keycloak" / f"keycloak-{VERSION}"
    if not place.exists():
        unpack = [need("jar"), "xf", f"keycloak-quarkus-dist-{VERSION}.zip"]
        install("keycloak", fetch, unpack, ["chmod", "+x", f"keycloak-{VERSION}/bin/kc.sh"])
    return place


def test_keycloak_brokers_a_login(parties: Parties, person: Person, keycloak: Path, tmp_path: Path) -> None:
    address = parties.addresses["partners"]
    command = [str(keycloak / "bin" / "kc.sh"), "start-dev", f"--http-port={port_of(address)}", "--db=dev-mem"]
    command += ["--cache=local", f"--truststore-paths={parties.world.trusted}"]
    environment = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN}
    ready = f"{address}/realms/master"
    with running(command, address=ready, log=tmp_path / "log", environment=environment, directory=tmp_path, within=300):
        admin = Admin(address)
        set_up(admin, parties)
        person.http.mount(address, SecureCookiesOnLocalhost())
        person.ask(
            f"{address}/realms/partners/protocol/openid-connect/auth",
            client_id="account",
            redirect_uri=f"{address}/realms/partners/account/",
            response_type="code",
            scope="openid",
            kc_idp_hint="prezero",
        )
        assert person.walked == ["bankid", "consent"], person.source
        (user,) = admin.send("GET", "/partners/users")
        assert user["firstName"] == "Anna"
        (identity,) = admin.send("GET", f"/partners/users/{user['id']}/federated-identity")
        assert identity["identityProvider"] == "prezero"


def set_up(admin: Admin, parties: Parties) -> None:
    """A realm in which an e-mail is optional, with the guide's identity provider."""
    admin.send("POST", "", {"realm": "partners", "enabled": True, "sslRequired": "none"})
    profile = admin.send("GET", "/partners/users/profile")
    for attribute in profile["attributes"]:
        attribute.pop("required", None)
    admin.send("PUT", "/partners/users/profile", profile)
    broker = json.loads(parties.text("partners/prezero.json"))
    broker["config"]["clientSecret"] = parties.secrets["partners"]
    admin.send("POST", "/partners/identity-provider/instances", broker)
    for claim, attribute in (("given_name", "firstName"), ("family_name", "lastName")):
        mapper: dict[str, object] = {"name": attribute, "identityProviderAlias": "prezero"}
        mapper |= {"identityProviderMapper": "oidc-user-attribute-idp-mapper"}
        mapper |= {"config": {"claim": claim, "user.attribute": attribute, "syncMode": "INHERIT"}}
        admin.send("POST", "/partners/identity-provider/instances/prezero/mappers", mapper)
