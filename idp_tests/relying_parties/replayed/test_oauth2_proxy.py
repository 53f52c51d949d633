"""oauth2-proxy's requests, and its rule that an address which is known to be unverified lets nobody in."""

import secrets
from typing import Any

import pytest

from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.replayed.http_requests import BackChannel, Pkce

CALLBACK = "https://wiki.example/oauth2/callback"


@pytest.fixture
def proxy(parties: Parties) -> BackChannel:
    return BackChannel(parties, User_Agent="Go-http-client/1.1", Accept_Encoding="gzip")


@pytest.fixture
def session(person: Person, proxy: BackChannel) -> dict[str, Any]:
    """The claims that a session is made from: those of the ID token, and what UserInfo adds."""
    pkce = Pkce(secrets.token_urlsafe(72))
    nonce, state = secrets.token_urlsafe(32), f"{secrets.token_urlsafe(32)}:/start?page=1&x=å"
    person.ask(
        proxy.metadata["authorization_endpoint"],
        client_id="wiki",
        code_challenge=pkce.challenge,
        code_challenge_method="S256",
        nonce=nonce,
        redirect_uri=CALLBACK,
        response_type="code",
        scope="openid profile email",
        state=state,
    )
    assert person.answer["state"] == state
    form = {
        "code": person.answer["code"],
        "code_verifier": pkce.verifier,
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
    }
    answer = proxy.post("token", form, basic="wiki")
    assert answer.status_code == 200, answer.text
    _, claims = proxy.read_id_token(answer.json(), "RS256")
    assert claims["nonce"] == nonce
    return proxy.userinfo(answer.json()) | claims


def test_a_person_whose_address_is_not_confirmed_is_let_in(session: dict[str, Any]) -> None:
    refused = "email_verified" in session and not session["email_verified"]
    assert not refused, "oauth2-proxy: email in id_token isn't verified"
    assert "email" not in session, "an address that nobody confirmed is not given to this client"
    assert session["sub"]
