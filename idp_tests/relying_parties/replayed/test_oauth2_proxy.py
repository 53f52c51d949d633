"""oauth2-proxy's requests, and its rule that an address which is known to be unverified lets nobody in."""

import secrets
from typing import Any

import pytest

from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person

CALLBACK = "https://wiki.example/oauth2/callback"


@pytest.fixture
def session(parties: Parties, person: Person) -> dict[str, Any]:
    """The claims that a session is made from: those of the ID token, and what UserInfo adds."""
    proxy = parties.relying_party("wiki", CALLBACK, User_Agent="Go-http-client/1.1", Accept_Encoding="gzip")
    verifier, nonce = secrets.token_urlsafe(72), secrets.token_urlsafe(32)
    state = f"{secrets.token_urlsafe(32)}:/start?page=1&x=å"
    asked = proxy.client.authorization_request(verifier, scope="openid profile email", nonce=nonce, state=state)
    person.ask(proxy.metadata["authorization_endpoint"], **asked)
    assert person.answer["state"] == state
    answer = proxy.redeem(proxy.client.code_form(person.answer["code"], verifier))
    assert answer.status_code == 200, answer.text
    tokens = answer.get_json()
    read = proxy.read(tokens["id_token"])
    assert (read.header["alg"], read.members["nonce"]) == ("RS256", nonce)
    userinfo = proxy.userinfo(tokens["access_token"])
    assert userinfo.status_code == 200, userinfo.text
    return {**userinfo.get_json(), **read.members}


def test_a_person_whose_address_is_not_confirmed_is_let_in(session: dict[str, Any]) -> None:
    refused = "email_verified" in session and not session["email_verified"]
    assert not refused, "oauth2-proxy: email in id_token isn't verified"
    assert "email" not in session, "an address that nobody confirmed is not given to this client"
    assert session["sub"]
