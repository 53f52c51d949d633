"""What every grant type answers with."""

from typing import Any

import pytest

from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.token_request import TokenRequest, issue_tokens, refuse_grant
from idp_tests.builders import NOW
from idp_tests.client_side import ProofKey
from idp_tests.tokens import TOKEN_ISSUER, InMemory, portal, read

API = "https://api.example"


def a_request(memory: InMemory, client: Client, jkt: str | None = None, **form: str) -> TokenRequest:
    return TokenRequest(
        form=Form.read(form.items()),
        client=client,
        jkt=jkt,
        now=NOW,
        grants=memory.grants,
        audit=memory.audit,
        token_issuer=TOKEN_ISSUER,
    )


def live(memory: InMemory, **grant: Any) -> LiveGrant:
    found = memory.grants.find_live(memory.grant(**grant).id, NOW)
    assert found is not None
    return found


def test_an_id_token_comes_with_openid_and_not_without() -> None:
    memory = InMemory()
    answer = issue_tokens(a_request(memory, portal()), live(memory), scope=("openid", "email"), nonce="n")
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (answer["token_type"], answer["scope"]) == ("Bearer", "openid email")
    assert read(answer["id_token"]).members["nonce"] == "n"
    without = issue_tokens(a_request(memory, portal()), live(memory), scope=("email",), nonce=None)
    assert "id_token" not in without


def test_tokens_are_bound_to_the_key_and_made_for_the_resource() -> None:
    memory, device = InMemory(), ProofKey()
    client = portal(resources=frozenset({API}))
    request = a_request(memory, client, device.jkt, resource=API)
    answer = issue_tokens(request, live(memory, client=client), scope=("openid",), nonce=None)
    assert answer["token_type"] == "DPoP"
    claims = read(answer["access_token"]).members
    assert (claims["aud"], claims["cnf"]) == (API, {"jkt": device.jkt})


def test_a_resource_that_the_grant_is_not_for_is_refused() -> None:
    memory = InMemory()
    request = a_request(memory, portal(resources=frozenset({API})), resource=API)
    with pytest.raises(Refused) as refused:
        issue_tokens(request, live(memory, resources=("https://other.example",)), scope=("openid",), nonce=None)
    assert refused.value.code == "invalid_target"


def test_the_reason_of_a_dead_grant_is_for_the_log_only() -> None:
    first, second = refuse_grant("expired"), refuse_grant("of another client")
    assert (first.code, first.description) == (second.code, second.description)
    assert (first.code, first.status, first.detail) == ("invalid_grant", 400, "expired")
