"""TokenRequest: what an authenticated client asks of the token endpoint, and what every grant type answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.core.audit_log import Audit
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import Form
from idp.core.oidc.tokens.access_token import choose_resources, issue_access_token
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.id_token import issue_id_token
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer

TokenResponse = Mapping[str, Any]
"""The members of the answer (RFC 6749 5.1; OpenID Connect Core 3.1.3.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """One request, with what a grant type needs to answer it."""

    form: Form
    client: Client
    """It has authenticated."""
    jkt: str | None
    """The key that tokens will be bound to (RFC 9449 5)."""
    now: datetime
    grants: Grants
    audit: Audit
    token_issuer: TokenIssuer


def issue_tokens(
    request: TokenRequest, live: LiveGrant, *, scope: tuple[str, ...], nonce: str | None
) -> dict[str, Any]:
    """An access token for the grant and, with the scope `openid`, an ID Token. Raises Refused."""
    client, issuer, now = request.client, request.token_issuer, request.now
    resources = choose_resources(request.form.all("resource"), live, client)
    access = issue_access_token(live, client, issuer, now, scope=scope, resources=resources, jkt=request.jkt)
    response: dict[str, Any] = {
        "access_token": access.value,
        "token_type": access.token_type,
        "expires_in": access.expires_in,
        "scope": " ".join(scope),
    }
    if "openid" in scope:
        response["id_token"] = issue_id_token(
            live, client, issuer, now, scope=frozenset(scope), access_token=access.value, nonce=nonce
        )
    return response


def refuse_grant(detail: str, diagnosis: str = "") -> Refused:
    """One answer for every code and refresh token that does not work; the reason is for the log and for test mode."""
    return Refused(
        code="invalid_grant",
        description="The grant is unknown, expired, revoked or used",
        detail=detail,
        diagnosis=diagnosis,
    )
