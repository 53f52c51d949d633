"""AppAuth's requests for iOS and Android: its own scheme with one slash, no secret, revocation by name."""

import secrets
import time
from typing import Any

import pytest

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.journeys.world import CUSTOMER
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_party import RelyingParty

CALLBACK = "example.driver:/oauth2redirect"
SCOPE = "openid profile customer offline_access"


@pytest.fixture
def appauth(parties: Parties) -> RelyingParty:
    agent = "Dalvik/2.1.0 (Linux; U; Android 15)"
    return parties.relying_party("driver", CALLBACK, AuthMethod.NONE, Accept="application/json", User_Agent=agent)


@pytest.fixture
def nonce() -> str:
    return secrets.token_urlsafe(16)


@pytest.fixture
def tokens(person: Person, appauth: RelyingParty, nonce: str) -> dict[str, Any]:
    """A whole login."""
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(16)
    asked = appauth.client.authorization_request(verifier, scope=SCOPE, nonce=nonce, state=state)
    person.ask(appauth.metadata["authorization_endpoint"], **asked)
    assert person.step == "return_to_app", "Android opens an app only on a tap"
    link = person.page.elements["continue"]["href"]
    address, _, query = link.partition("?")
    assert address == CALLBACK
    answer = dict(pair.split("=", 1) for pair in query.split("&"))
    assert answer["state"] == state
    received = appauth.redeem(appauth.client.code_form(answer["code"], verifier))
    assert received.status_code == 200, received.text
    found: dict[str, Any] = received.get_json()
    return found


def test_an_app_logs_in_renews_and_revokes(
    parties: Parties, appauth: RelyingParty, nonce: str, tokens: dict[str, Any]
) -> None:
    read = appauth.read(tokens["id_token"])
    claims = read.members
    assert read.header["alg"] == "ES256"
    assert (claims["nonce"], claims["aud"], claims["iss"]) == (nonce, "driver", parties.issuer)
    assert claims["iss"].startswith("https://"), "AppAuth refuses another scheme"
    assert abs(time.time() - claims["iat"]) < 600, "AppAuth allows ten minutes"
    assert claims["customer_number"] == CUSTOMER

    renewed = appauth.refresh(tokens["refresh_token"], scope=SCOPE)
    assert renewed.status_code == 200, renewed.text
    newest = renewed.get_json()["refresh_token"]
    assert newest != tokens["refresh_token"]

    assert appauth.call("/revoke", token=newest).status_code == 200
    after = appauth.refresh(newest)
    assert (after.status_code, after.get_json()["error"]) == (400, "invalid_grant")


def test_the_same_scheme_with_three_slashes_is_another_address(person: Person, appauth: RelyingParty) -> None:
    person.ask(
        appauth.metadata["authorization_endpoint"],
        redirect_uri="example.driver:///oauth2redirect",
        client_id="driver",
        response_type="code",
        scope="openid",
    )
    assert person.status == 400
    assert "error-code" in person.page.elements
