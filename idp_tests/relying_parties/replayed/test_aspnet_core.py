"""ASP.NET Core's requests: pushed with the secret in the body, answered by form_post, with Microsoft's own parameters."""

import base64
import secrets
from typing import Any

import pytest

from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_parties.replayed.http_requests import BackChannel, Pkce

CALLBACK = "https://invoicing.example/signin-oidc"
SCOPE = "openid profile email offline_access"
TELEMETRY = {"x-client-SKU": "ID_NET9_0", "x-client-ver": "8.0.1.0"}
NONCE = "638993664000000000." + base64.b64encode(b"6a1e5a0c-8f0e-4a4e-9d5c-1f0a8a7b6c5d" * 2).decode()
"""OpenIdConnectProtocolValidator: ticks, a dot, and base64 with its `+`, `/` and `=`."""


@pytest.fixture
def aspnet(parties: Parties) -> BackChannel:
    return BackChannel(parties, User_Agent="Microsoft ASP.NET Core OpenIdConnect handler")


@pytest.fixture
def tokens(parties: Parties, person: Person, aspnet: BackChannel) -> dict[str, Any]:
    """A whole login."""
    pkce = Pkce()
    state = "CfDJ8" + secrets.token_urlsafe(600)  # the protected properties of the login
    pushed = aspnet.post(
        "pushed_authorization_request",
        {
            "client_id": "invoicing",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": SCOPE,
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
            "response_mode": "form_post",
            "nonce": NONCE,
            "state": state,
            "client_secret": parties.secrets["invoicing"],
        },
    )
    assert pushed.status_code == 201, pushed.text
    assert pushed.headers["Content-Type"].startswith("application/json")
    request_uri = pushed.json()["request_uri"]
    person.ask(aspnet.metadata["authorization_endpoint"], client_id="invoicing", request_uri=request_uri, **TELEMETRY)
    person.send_form()
    assert (person.arrived_by, person.arrived_at, person.answer["state"]) == ("POST", CALLBACK, state)
    answer = aspnet.post(
        "token",
        {
            "client_id": "invoicing",
            "client_secret": parties.secrets["invoicing"],
            "code": person.answer["code"],
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code_verifier": pkce.verifier,
        },
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_aspnet_logs_in_renews_and_logs_out(
    parties: Parties, person: Person, aspnet: BackChannel, tokens: dict[str, Any]
) -> None:
    _, claims = aspnet.read_id_token(tokens, "RS256")
    assert (claims["nonce"], claims["aud"]) == (NONCE, "invoicing")
    assert claims["iss"] == parties.issuer, "what the handler compares with the issuer of discovery"
    assert aspnet.userinfo(tokens)["name"] == "Anna Andersson"

    renewed = aspnet.post(
        "token",
        {
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
            "client_id": "invoicing",
            "client_secret": parties.secrets["invoicing"],
        },
    )
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["access_token"] != tokens["access_token"]

    person.ask(
        aspnet.metadata["end_session_endpoint"],
        post_logout_redirect_uri="https://invoicing.example/signout-callback-oidc",
        id_token_hint=tokens["id_token"],
        state="CfDJ8-signing-out",
        **TELEMETRY,
    )
    assert f"https://invoicing.example/signout-oidc?iss={parties.issuer.replace(':', '%3A').replace('/', '%2F')}" in (
        person.source.replace("&amp;", "&")
    ), "RemoteSignOutPath is loaded in a frame, with iss and sid"
    assert f"sid={claims['sid']}" in person.source
    person.follow("continue")
    assert person.arrived_at == "https://invoicing.example/signout-callback-oidc"
    assert person.answer["state"] == "CfDJ8-signing-out"


def test_a_wrong_secret_in_the_body_is_refused_before_anything_is_pushed(aspnet: BackChannel) -> None:
    refused = aspnet.post(
        "pushed_authorization_request", {"client_id": "invoicing", "client_secret": "wrong", "response_type": "code"}
    )
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
