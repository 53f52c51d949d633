from typing import Any, cast

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.metadata import MetadataProblems, read_client
from idp.core.oidc.discovery import metadata
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens.token_endpoint import GRANT_TYPES
from idp.core.oidc.tokens.token_request import TokenRequest, TokenResponse, issue_tokens
from idp_tests.builders import NOW
from idp_tests.client_side import VERIFIER, ProofKey
from idp_tests.tokens import REDIRECT_URI, InMemory, app, partner, portal, read

JKT = ProofKey().jkt
API, OTHER_API = "https://api.example", "https://other-api.example"


def refusal(memory: InMemory, client: Client, jkt: str | None = None, **parameters: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        memory.ask(client, jkt, **parameters)
    return caught.value


def exchange_for(memory: InMemory, client: Client, *resources: str, **grant: Any) -> dict[str, Any]:
    pairs = [
        ("grant_type", "authorization_code"),
        ("code", memory.code(client, **grant)),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
        *(("resource", resource) for resource in resources),
    ]
    return dict(memory.answer(Form.read(pairs), client, None, NOW))


def test_the_response_has_what_was_granted() -> None:
    answer = InMemory().exchange(grant={"scope": ("openid", "email")})
    assert {name: answer[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "openid email",
    }
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}


def test_a_code_without_openid_gives_no_id_token() -> None:
    assert "id_token" not in InMemory().exchange(grant={"scope": ("email",)})


@pytest.mark.parametrize(
    "grant_type",
    [
        "password",
        "client_credentials",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "Authorization_Code",
        "authorization_code refresh_token",
        "å",
    ],
)
def test_other_grant_types_do_not_exist(grant_type: str) -> None:
    assert refusal(InMemory(), portal(), grant_type=grant_type).code == "unsupported_grant_type"


def test_the_grant_type_is_needed() -> None:
    assert refusal(InMemory(), portal()).code == "invalid_request"


@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token"])
def test_a_grant_type_that_is_not_registered_is_refused(grant_type: str) -> None:
    client = portal(grant_types=frozenset())
    assert refusal(InMemory(), client, grant_type=grant_type, code="x", refresh_token="x").code == "unauthorized_client"


def test_a_client_registered_for_bound_tokens_must_prove_a_key() -> None:
    memory, client = InMemory(), portal(dpop_bound_access_tokens=True)
    code = memory.code(client)
    sent: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }
    assert refusal(memory, client, **sent).code == "invalid_dpop_proof"
    assert memory.ask(client, JKT, **sent)["token_type"] == "DPoP"


def test_a_client_without_dpop_gets_plain_tokens() -> None:
    assert InMemory().exchange(portal(dpop_allowed=False), jkt=JKT)["token_type"] == "Bearer"


def test_without_a_resource_the_access_token_is_opaque_and_for_userinfo() -> None:
    memory, client = InMemory(), portal(resources=frozenset({API}))
    answer = exchange_for(memory, client)
    assert answer["access_token"].startswith("at_")
    assert memory.userinfo(answer["access_token"]).claims["sub"] == "sub-1"


def test_the_one_resource_of_the_authorization_request_counts_for_the_whole_grant() -> None:
    """RFC 8707 2.1; a refresh is of the same grant."""
    memory, client = InMemory(), portal(resources=frozenset({API, OTHER_API}))
    answer = exchange_for(memory, client, resources=(API,))
    assert read(answer["access_token"]).members["aud"] == API
    assert read(memory.refresh(client, answer["refresh_token"])["access_token"]).members["aud"] == API


def test_of_several_granted_resources_one_must_be_chosen() -> None:
    memory, client = InMemory(), portal(resources=frozenset({API, OTHER_API}))
    with pytest.raises(Refused) as caught:
        exchange_for(memory, client, resources=(API, OTHER_API))
    assert caught.value.code == "invalid_target"
    assert (
        read(exchange_for(memory, client, OTHER_API, resources=(API, OTHER_API))["access_token"]).members["aud"]
        == OTHER_API
    )


def test_a_refresh_that_chooses_none_of_several_resources_replaces_no_token() -> None:
    memory = InMemory()
    client = memory.use(app(resources=frozenset({API, OTHER_API})))
    token = exchange_for(memory, client, API, resources=(API, OTHER_API))["refresh_token"]
    assert refusal(memory, client, grant_type="refresh_token", refresh_token=token).code == "invalid_target"
    assert memory.grants.rows[next(iter(memory.grants.rows))].generation == 0
    assert read(memory.refresh(client, token, resource=API)["access_token"]).members["aud"] == API


def test_a_resource_gets_a_signed_token_for_itself() -> None:
    memory, client = InMemory(), portal(resources=frozenset({API, OTHER_API}))
    claims = read(exchange_for(memory, client, API)["access_token"])
    assert (claims.header["typ"], claims.members["aud"]) == ("at+jwt", API)
    both = read(exchange_for(memory, client, API, OTHER_API, API)["access_token"])
    assert both.members["aud"] == [API, OTHER_API]


@pytest.mark.parametrize("resource", [OTHER_API, API + "/", "x", f"{API} {OTHER_API}"])
def test_a_resource_beyond_the_grant_is_refused(resource: str) -> None:
    memory, client = InMemory(), portal(resources=frozenset({API, OTHER_API}))
    with pytest.raises(Refused) as caught:
        exchange_for(memory, client, resource, resources=(API,))
    assert caught.value.code == "invalid_target"


def test_a_resource_that_the_client_may_never_use_does_not_spend_the_code() -> None:
    memory = InMemory()
    code = memory.code()
    sent: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }
    assert refusal(memory, portal(), resource=API, **sent).code == "invalid_target"
    assert memory.ask(portal(), **sent)


def test_a_refresh_may_ask_for_a_resource_of_the_grant() -> None:
    memory, client = InMemory(), portal(resources=frozenset({API}))
    token = exchange_for(memory, client, resources=(API,))["refresh_token"]
    assert read(memory.refresh(client, token, resource=API)["access_token"]).members["aud"] == API


def test_a_public_client_gets_a_rotating_refresh_token() -> None:
    from idp_tests.builders import REFERENCE_TOKENS

    for client, jkt, rotates in ((app(), None, True), (app(), JKT, False), (partner(), None, False)):
        token = InMemory().exchange(client, jkt=jkt)["refresh_token"]
        reference = REFERENCE_TOKENS.read_refresh_token(token)
        assert reference is not None
        assert reference.rotates is rotates


def test_nothing_that_is_given_out_is_stored() -> None:
    memory = InMemory()
    code = memory.code()
    answer = memory.exchange(code=code)
    stored = repr((memory.grants.rows, memory.seen_ids.seen, memory.audit.events))
    for text in (code, answer["access_token"], answer["refresh_token"], answer["id_token"]):
        assert text not in stored


TOY = "urn:example:grant-type:toy"


def test_a_grant_type_is_one_function_and_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its entry makes it answered and told of; who may use it is its profile's matter."""

    def give_toy_tokens(request: TokenRequest) -> TokenResponse:
        live = request.grants.find_live(request.form.get("toy"), request.now)
        assert live is not None
        return issue_tokens(request, live, scope=live.grant.scope, nonce=None)

    monkeypatch.setitem(cast("dict[str, Any]", GRANT_TYPES), TOY, give_toy_tokens)
    memory = InMemory()
    playful = portal(grant_types=frozenset({"authorization_code", TOY}))
    answer = memory.ask(playful, grant_type=TOY, toy=memory.grant(playful).id)
    assert memory.userinfo(answer["access_token"]).claims["sub"] == "sub-1"
    assert TOY in metadata(issuer="https://id.example", acrs=("a",), signing_algs=["RS256"])["grant_types_supported"]
    assert refusal(memory, portal(), grant_type=TOY).code == "unauthorized_client"
    members: dict[str, Any] = {
        "client_name": "RP",
        "security_profile": "third_party",
        "redirect_uris": ["https://rp.example/"],
        "grant_types": ["authorization_code", TOY],
    }
    with pytest.raises(MetadataProblems, match=f"{TOY}: not with third_party"):
        read_client("rp", members, issuer="https://id.example", sandbox=False)
