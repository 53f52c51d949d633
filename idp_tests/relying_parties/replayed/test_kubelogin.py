"""kubelogin's requests, as its authorization code flow with a local server sends them (version 1)."""

import secrets
from urllib.parse import parse_qsl, urlsplit

import pytest

from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.replayed.http_requests import BackChannel, Pkce


@pytest.fixture
def kubelogin(parties: Parties) -> BackChannel:
    return BackChannel(parties, User_Agent="Go-http-client/1.1")


@pytest.mark.parametrize("port", [8000, 18000])
def test_kubelogin_logs_in_at_either_of_its_ports_and_refreshes(
    parties: Parties, person: Person, kubelogin: BackChannel, port: int
) -> None:
    pkce, nonce, address = Pkce(), secrets.token_urlsafe(32), f"http://127.0.0.1:{port}"
    person.ask(
        kubelogin.metadata["authorization_endpoint"],
        access_type="offline",
        client_id="cluster",
        code_challenge=pkce.challenge,
        code_challenge_method="S256",
        nonce=nonce,
        redirect_uri=address,
        response_type="code",
        scope="profile offline_access openid",
        state=secrets.token_urlsafe(32),
    )
    link = person.page.elements["continue"]["href"]  # a native client's person taps
    assert link.startswith(f"{address}?")
    code = dict(parse_qsl(urlsplit(link).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": address}
    answer = kubelogin.post("token", form | {"client_id": "cluster", "code_verifier": pkce.verifier})
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    _, claims = kubelogin.read_id_token(tokens, "RS256")  # the only algorithm the API server starts with
    assert (claims["aud"], claims["nonce"]) == ("cluster", nonce)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "cluster"}
    renewed = kubelogin.post("token", form)
    assert renewed.status_code == 200, renewed.text
    assert kubelogin.read_id_token(renewed.json(), "RS256")[1]["sub"] == claims["sub"]
