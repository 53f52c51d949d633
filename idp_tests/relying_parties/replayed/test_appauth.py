"""AppAuth's requests for iOS and Android: a scheme of its own with one slash, no secret, revocation by name."""

import secrets
import time
from typing import Any

import pytest

from idp_tests.journeys.world import CUSTOMER
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.replayed.http_requests import BackChannel, Pkce

CALLBACK = "example.driver:/oauth2redirect"
SCOPE = "openid profile customer offline_access"


@pytest.fixture
def appauth(parties: Parties) -> BackChannel:
    return BackChannel(parties, Accept="application/json", User_Agent="Dalvik/2.1.0 (Linux; U; Android 15)")


@pytest.fixture
def nonce() -> str:
    return secrets.token_urlsafe(16)


@pytest.fixture
def tokens(person: Person, appauth: BackChannel, nonce: str) -> dict[str, Any]:
    """A whole login."""
    pkce, state = Pkce(secrets.token_urlsafe(64)), secrets.token_urlsafe(16)
    person.ask(
        appauth.metadata["authorization_endpoint"],
        redirect_uri=CALLBACK,
        client_id="driver",
        response_type="code",
        state=state,
        nonce=nonce,
        scope=SCOPE,
        code_challenge=pkce.challenge,
        code_challenge_method="S256",
    )
    assert person.step == "return_to_app", "Android opens an app only on a tap"
    link = person.page.elements["continue"]["href"]
    address, _, query = link.partition("?")
    assert address == CALLBACK
    answer = dict(pair.split("=", 1) for pair in query.split("&"))
    assert answer["state"] == state
    received = appauth.post(
        "token",
        {
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code": answer["code"],
            "code_verifier": pkce.verifier,
            "client_id": "driver",
        },
    )
    assert received.status_code == 200, received.text
    found: dict[str, Any] = received.json()
    return found


def test_an_app_logs_in_renews_and_revokes(
    parties: Parties, appauth: BackChannel, nonce: str, tokens: dict[str, Any]
) -> None:
    _, claims = appauth.read_id_token(tokens, "ES256")
    assert (claims["nonce"], claims["aud"], claims["iss"]) == (nonce, "driver", parties.issuer)
    assert claims["iss"].startswith("https://"), "AppAuth refuses another scheme"
    assert abs(time.time() - claims["iat"]) < 600, "AppAuth allows ten minutes"
    assert claims["customer_number"] == CUSTOMER

    renewed = appauth.post(
        "token",
        {
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
            "scope": SCOPE,
            "client_id": "driver",
        },
    )
    assert renewed.status_code == 200, renewed.text
    newest = renewed.json()["refresh_token"]
    assert newest != tokens["refresh_token"]

    assert appauth.post("revocation", {"token": newest, "client_id": "driver"}).status_code == 200
    after = appauth.post("token", {"grant_type": "refresh_token", "refresh_token": newest, "client_id": "driver"})
    assert (after.status_code, after.json()["error"]) == (400, "invalid_grant")


def test_the_same_scheme_with_three_slashes_is_another_address(person: Person, appauth: BackChannel) -> None:
    person.ask(
        appauth.metadata["authorization_endpoint"],
        redirect_uri="example.driver:///oauth2redirect",
        client_id="driver",
        response_type="code",
        scope="openid",
    )
    assert person.status == 400
    assert "error-code" in person.page.elements
