"""Spring Security's requests, as OAuth2LoginAuthenticationFilter and its REST clients send them."""

import base64
import hashlib
import secrets

import pytest

from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.replayed.http_requests import BackChannel, Pkce

CALLBACK = "https://fleet.example/login/oauth2/code/prezero"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


@pytest.fixture
def spring(parties: Parties) -> BackChannel:
    return BackChannel(parties, Accept="application/json;charset=UTF-8", User_Agent="Java-http-client/21.0.8")


def test_spring_logs_in_with_its_padded_state_and_hashed_nonce(
    parties: Parties, person: Person, spring: BackChannel
) -> None:
    """DefaultOAuth2AuthorizationRequestResolver: padded base64 in `state`, the nonce's SHA-256 in the request."""
    pkce = Pkce()
    state = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    hashed = hashlib.sha256(secrets.token_urlsafe(96).encode()).digest()
    nonce = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    assert state.endswith("=")
    person.ask(
        spring.metadata["authorization_endpoint"],
        response_type="code",
        client_id="fleet",
        scope="openid profile email",
        state=state,
        redirect_uri=CALLBACK,
        nonce=nonce,
        code_challenge=pkce.challenge,
        code_challenge_method="S256",
    )
    assert person.arrived_at == CALLBACK
    assert person.answer["state"] == state

    form = {"grant_type": "authorization_code", "code": person.answer["code"], "redirect_uri": CALLBACK}
    answer = spring.post("token", form | {"code_verifier": pkce.verifier}, basic="fleet", content_type=FORM)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer"
    assert isinstance(tokens["expires_in"], int)

    header, claims = spring.read_id_token(tokens, "RS256")  # the only algorithm OidcIdTokenDecoderFactory starts with
    assert header["kid"]
    assert (claims["nonce"], claims["aud"]) == (nonce, "fleet")
    assert claims["exp"] > claims["iat"]
    assert spring.userinfo(tokens)["sub"] == claims["sub"]

    person.ask(
        spring.metadata["end_session_endpoint"],
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri="https://fleet.example/",
    )
    assert person.arrived_at == "https://fleet.example/"


def test_without_pkce_spring_is_told_what_is_missing(person: Person, spring: BackChannel) -> None:
    """What a version before 7 does unless it is configured: the answer names the parameter."""
    person.ask(
        spring.metadata["authorization_endpoint"],
        response_type="code",
        client_id="fleet",
        scope="openid",
        state="x",
        redirect_uri=CALLBACK,
        nonce="n",
    )
    assert person.answer["error"] == "invalid_request"
    assert "code_challenge" in person.answer["error_description"]
