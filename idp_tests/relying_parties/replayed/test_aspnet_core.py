"""ASP.NET Core's requests: pushed with the secret in the body, answered by form_post, with Microsoft's own parameters."""

import base64
import secrets
from typing import Any

import pytest

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.person import Person
from idp_tests.relying_party import RelyingParty

CALLBACK = "https://invoicing.example/signin-oidc"
SCOPE = "openid profile email offline_access"
TELEMETRY = {"x-client-SKU": "ID_NET9_0", "x-client-ver": "8.0.1.0"}
NONCE = "638993664000000000." + base64.b64encode(b"6a1e5a0c-8f0e-4a4e-9d5c-1f0a8a7b6c5d" * 2).decode()
"""OpenIdConnectProtocolValidator: ticks, a dot, and base64 with its `+`, `/` and `=`."""


@pytest.fixture
def aspnet(parties: Parties) -> RelyingParty:
    agent = "Microsoft ASP.NET Core OpenIdConnect handler"
    return parties.relying_party("invoicing", CALLBACK, AuthMethod.CLIENT_SECRET_POST, User_Agent=agent)


@pytest.fixture
def tokens(parties: Parties, person: Person, aspnet: RelyingParty) -> dict[str, Any]:
    """A whole login."""
    state = "CfDJ8" + secrets.token_urlsafe(600)  # the protected properties of the login
    pushed = aspnet.push(scope=SCOPE, response_mode="form_post", nonce=NONCE, state=state)
    assert pushed.status_code == 201, pushed.text
    assert pushed.headers["Content-Type"].startswith("application/json")
    request_uri = pushed.get_json()["request_uri"]
    person.ask(aspnet.metadata["authorization_endpoint"], client_id="invoicing", request_uri=request_uri, **TELEMETRY)
    person.send_form()
    assert (person.arrived_by, person.arrived_at, person.answer["state"]) == ("POST", CALLBACK, state)
    answer = aspnet.redeem(aspnet.client.code_form(person.answer["code"]))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_aspnet_logs_in_renews_and_logs_out(
    parties: Parties, person: Person, aspnet: RelyingParty, tokens: dict[str, Any]
) -> None:
    read = aspnet.read(tokens["id_token"])
    claims = read.members
    assert read.header["alg"] == "RS256"
    assert (claims["nonce"], claims["aud"]) == (NONCE, "invoicing")
    assert claims["iss"] == parties.issuer, "what the handler compares with the issuer of discovery"
    assert aspnet.userinfo(tokens["access_token"]).get_json()["name"] == "Anna Andersson"

    renewed = aspnet.refresh(tokens["refresh_token"])
    assert renewed.status_code == 200, renewed.text
    assert renewed.get_json()["access_token"] != tokens["access_token"]

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


def test_a_wrong_secret_in_the_body_is_refused_before_anything_is_pushed(aspnet: RelyingParty) -> None:
    refused = aspnet.push(client_secret="wrong")
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
