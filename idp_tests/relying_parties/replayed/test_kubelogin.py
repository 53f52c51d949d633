"""kubelogin's requests, as its authorization code flow with a local server sends them (version 1)."""

import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person


@pytest.mark.parametrize("port", [8000, 18000])
def test_kubelogin_logs_in_at_either_of_its_ports_and_refreshes(parties: Parties, person: Person, port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    kubelogin = parties.relying_party("cluster", address, AuthMethod.NONE, User_Agent="Go-http-client/1.1")
    nonce, state = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    asked = kubelogin.client.authorization_request(scope="profile offline_access openid", nonce=nonce, state=state)
    person.ask(kubelogin.metadata["authorization_endpoint"], access_type="offline", **asked)
    link = person.page.elements["continue"]["href"]  # a native client's person taps
    assert link.startswith(f"{address}?")
    code = dict(parse_qsl(urlsplit(link).query))["code"]
    answer = kubelogin.redeem(kubelogin.client.code_form(code))
    assert answer.status_code == 200, answer.text
    read = kubelogin.read(answer.get_json()["id_token"])
    assert read.header["alg"] == "RS256", "the only algorithm the API server starts with"
    assert (read.members["aud"], read.members["nonce"]) == ("cluster", nonce)
    renewed = kubelogin.refresh(answer.get_json()["refresh_token"])
    assert renewed.status_code == 200, renewed.text
    again = kubelogin.read(renewed.get_json()["id_token"])
    assert (again.header["alg"], again.members["sub"]) == ("RS256", read.members["sub"])
