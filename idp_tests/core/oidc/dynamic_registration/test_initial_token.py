"""Initial access tokens: an operator gives the permission to register, and takes it back."""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.initial_token import IssueInitialToken, RevokeInitialToken
from idp.core.oidc.errors import Refused
from idp_tests.cases import each
from idp_tests.fakes import FakeAudit
from idp_tests.registrations import (
    NOW,
    Endpoints,
    FakeInitialTokens,
    FakeRegisteredClients,
)


def issue(tokens: FakeInitialTokens, audit: FakeAudit, **changes: Any) -> Any:
    permission: dict[str, Any] = {
        "life": timedelta(days=1),
        "uses": 1,
        "security_profile": SecurityProfile.THIRD_PARTY,
        "operator": "eva",
        **changes,
    }
    return IssueInitialToken(initial_tokens=tokens, audit=audit)("Partner", NOW, **permission)


def test_an_operator_gives_and_takes_the_permission() -> None:
    endpoints = Endpoints(FakeRegisteredClients())
    token, secret = issue(endpoints.registered.tokens, endpoints.audit, uses=2)
    assert len(secret) >= 43
    assert secret not in repr(endpoints.registered.tokens)
    told = endpoints.register(token=secret)
    revoke = RevokeInitialToken(initial_tokens=endpoints.registered.tokens, audit=endpoints.audit)
    assert revoke(token.id, NOW, operator="eva")
    assert not revoke(token.id, NOW, operator="eva")
    with pytest.raises(Refused):
        endpoints.register(token=secret)
    assert endpoints.client(told).client_id == told["client_id"]
    removed = endpoints.remove_client.all_of_token(token.id, NOW)
    assert endpoints.consents.withdrawn == [told["client_id"]]
    assert (removed, endpoints.registered.rows) == (1, {})
    assert endpoints.audit.names == [
        "initial_token.issued",
        "client.registered",
        "initial_token.revoked",
        "client.deleted",
    ]


@each(
    "changes",
    [
        {"life": timedelta(0)},
        {"life": timedelta(days=-1)},
        {"life": timedelta(days=366)},
        {"uses": 0},
        {"uses": 1_001},
        {"security_profile": SecurityProfile.WEB_CONFIDENTIAL},
        {"security_profile": SecurityProfile.NATIVE_PUBLIC},
    ],
)
def test_some_permissions_nobody_is_given(changes: dict[str, Any]) -> None:
    tokens, audit = FakeInitialTokens(), FakeAudit()
    with pytest.raises(ValueError):
        issue(tokens, audit, **changes)
    assert (tokens.rows, audit.events) == ({}, [])
