"""The pushed authorization request endpoint over HTTP, and the browser's visit after it."""

from typing import Any

import pytest

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.cases import each
from idp_tests.client_side import ProofKey, s256
from idp_tests.provider import ISSUER, Provider
from idp_tests.relying_party import RelyingParty, basic, change, error_of


@pytest.fixture
def portal(provider: Provider) -> RelyingParty:
    return RelyingParty(provider)


def proof(portal: RelyingParty, key: ProofKey, **changes: Any) -> dict[str, str]:
    return {"DPoP": key.proof(portal.provider.clock(), **{"htu": f"{ISSUER}/par", **changes})}


def test_a_pushed_request_gets_a_reference(portal: RelyingParty) -> None:
    response = portal.push()
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    answer = response.get_json()
    assert answer.keys() == {"request_uri", "expires_in"}
    assert answer["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert answer["expires_in"] == 90


@pytest.mark.each_database
def test_a_whole_login_by_reference(provider: Provider, portal: RelyingParty) -> None:
    browser = provider.browser().first_login()
    pushed = portal.push(code_challenge=s256(browser.verifier), state="pushed").get_json()
    again = browser.get(f"/authorize?client_id=minasidor&request_uri={pushed['request_uri']}")
    assert again.answer["state"] == "pushed"
    assert again.redeem().status_code == 200
    used = browser.get(f"/authorize?client_id=minasidor&request_uri={pushed['request_uri']}")
    assert (used.left_to, used.status) == (None, 400)


def test_a_reference_that_was_visited_in_time_lives_as_long_as_the_login(
    provider: Provider, portal: RelyingParty
) -> None:
    """A tab that is reloaded after two minutes in the BankID app must not lead to an error."""
    address = f"/authorize?client_id=minasidor&request_uri={portal.push().get_json()['request_uri']}"
    browser = provider.browser()
    assert browser.get(address).step == "bankid"
    provider.clock.advance(hours=5, minutes=59)
    assert browser.get(address).step == "bankid"
    provider.clock.advance(minutes=1)
    assert (browser.get(address).left_to, browser.status) == (None, 400)


@each("method", ["get", "put", "delete", "patch"])
def test_only_post_is_served(provider: Provider, method: str) -> None:
    response = getattr(provider.app.test_client(), method)("/par", base_url=ISSUER)
    assert response.status_code == 405
    assert response.mimetype == "application/json"


def test_a_stranger_gets_nothing(portal: RelyingParty) -> None:
    response = portal.post("/par", portal.client.authorization_request())
    assert (response.status_code, error_of(response)) == (401, "invalid_client")
    response = portal.post("/par", portal.client.authorization_request(), basic(secret="wrong"))
    assert (response.status_code, error_of(response)) == (401, "invalid_client")


def test_one_clients_credentials_push_only_its_own_requests(portal: RelyingParty) -> None:
    response = portal.push(client_id="partner")
    assert response.status_code in {400, 401}
    assert error_of(response) in {"invalid_request", "invalid_client"}


def test_a_public_client_may_push(provider: Provider) -> None:
    app = RelyingParty(provider, "mittprezero")
    response = app.push()
    assert response.status_code == 201


@each(
    "changes, error",
    [
        ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:abc"}, "invalid_request"),
    ],
)
def test_a_bad_request_is_refused_as_json(
    provider: Provider, portal: RelyingParty, changes: dict[str, str], error: str
) -> None:
    response = portal.push(**changes)
    assert (response.status_code, error_of(response)) == (400, error)
    assert "Location" not in response.headers
    assert provider.scalar("SELECT count(*) FROM pushed_requests") == 0


@each("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_only_forms_are_read(portal: RelyingParty, content_type: str) -> None:
    response = portal.post("/par", b"client_id=minasidor", content_type=content_type)
    assert (response.status_code, error_of(response)) == (400, "invalid_request")


def test_a_body_that_is_too_long_is_refused_unread(portal: RelyingParty) -> None:
    response = portal.post("/par", b"state=" + b"x" * 70_000)
    assert (response.status_code, error_of(response)) == (413, "invalid_request")


def test_a_proof_for_another_address_or_key_is_refused(portal: RelyingParty) -> None:
    key = ProofKey()
    elsewhere = portal.push(proof(portal, key, htu=f"{ISSUER}/token"))
    assert (elsewhere.status_code, error_of(elsewhere)) == (400, "invalid_dpop_proof")
    announced = portal.push(proof(portal, key), dpop_jkt=ProofKey().jkt)
    assert (announced.status_code, error_of(announced)) == (400, "invalid_dpop_proof")


def test_a_disabled_client_pushes_nothing(provider: Provider, portal: RelyingParty) -> None:
    change(provider, "minasidor", disabled=True)
    assert portal.push().status_code == 401


def test_a_client_pushes_with_the_method_of_its_file_only(provider: Provider, portal: RelyingParty) -> None:
    change(provider, "minasidor", token_endpoint_auth_methods=frozenset({AuthMethod.CLIENT_SECRET_BASIC}))
    assert portal.push().status_code == 401
