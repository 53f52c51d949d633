"""Spring Security's requests, as OAuth2LoginAuthenticationFilter and its REST clients send them."""

import base64
import secrets

import pytest

from idp_tests.client_side import s256
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_party import RelyingParty

CALLBACK = "https://fleet.example/login/oauth2/code/prezero"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


@pytest.fixture
def spring(parties: Parties) -> RelyingParty:
    return parties.relying_party(
        "fleet", CALLBACK, Accept="application/json;charset=UTF-8", User_Agent="Java-http-client/21.0.8"
    )


def test_spring_logs_in_with_its_padded_state_and_hashed_nonce(
    parties: Parties, person: Person, spring: RelyingParty
) -> None:
    """DefaultOAuth2AuthorizationRequestResolver: padded base64 in `state`, the nonce's SHA-256 in the request."""
    state = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    nonce = s256(secrets.token_urlsafe(96))
    assert state.endswith("=")
    asked = spring.client.authorization_request(scope="openid profile email", state=state, nonce=nonce)
    person.ask(spring.metadata["authorization_endpoint"], **asked)
    assert person.arrived_at == CALLBACK
    assert person.answer["state"] == state

    answer = spring.post("/token", spring.client.code_form(person.answer["code"]), spring.client.headers, FORM)
    assert answer.status_code == 200, answer.text
    tokens = answer.get_json()
    assert tokens["token_type"] == "Bearer"
    assert isinstance(tokens["expires_in"], int)

    read = spring.read(tokens["id_token"])
    claims = read.members
    assert read.header["alg"] == "RS256", "the only algorithm OidcIdTokenDecoderFactory starts with"
    assert read.header["kid"]
    assert (claims["nonce"], claims["aud"]) == (nonce, "fleet")
    assert claims["exp"] > claims["iat"]
    assert spring.userinfo(tokens["access_token"]).get_json()["sub"] == claims["sub"]

    person.ask(
        spring.metadata["end_session_endpoint"],
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri="https://fleet.example/",
    )
    assert person.arrived_at == "https://fleet.example/"


def test_without_pkce_spring_is_told_what_is_missing(person: Person, spring: RelyingParty) -> None:
    """What a version before 7 does unless it is configured: the answer names the parameter."""
    person.ask(spring.metadata["authorization_endpoint"], **spring.client.authorization_request(None))
    assert person.answer["error"] == "invalid_request"
    assert "code_challenge" in person.answer["error_description"]
