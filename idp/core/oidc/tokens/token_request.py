"""Token request: what the token endpoint answers, by grant type (RFC 6749 3.2; OpenID Connect Core 3.1.3 and 12)."""

from datetime import datetime
from typing import Any

from idp.core.audit import Audit
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import Refused
from idp.core.oidc.form import Form
from idp.core.oidc.tokens.access_token import choose_resources, choose_scope, issue_access_token
from idp.core.oidc.tokens.codes import CodeExchange, redeem
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.id_token import issue_id_token
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.refresh import first_refresh_token, refresh
from idp.core.oidc.tokens.token_issuer import Mint

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a grant type
GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN)


def answer_token_request(
    form: Form, client: Client, jkt: str | None, *, grants: Grants, audit: Audit, mint: Mint, now: datetime
) -> dict[str, Any]:
    """The members of the token response for an authenticated client and the key it proved, if any. Raises Refused."""
    grant_type = form.get("grant_type")
    if grant_type not in GRANT_TYPES:
        raise Refused(code="unsupported_grant_type", description="The grant type is not supported")
    if grant_type not in client.grant_types:
        raise Refused(code="unauthorized_client", description="The client may not use this grant type")
    jkt = _require_key(client, jkt)
    _check_early(form, client)
    if grant_type == AUTHORIZATION_CODE:
        return _exchange_code(form, client, jkt, grants, audit, mint, now)
    return _refresh(form, client, jkt, grants, audit, mint, now)


def _require_key(client: Client, jkt: str | None) -> str | None:
    """The key that tokens are bound to; a client registered for bound tokens never gets others (RFC 9449 5.2)."""
    if client.dpop_bound_access_tokens and jkt is None:
        raise Refused(code="invalid_dpop_proof", description="A DPoP proof is required")
    return jkt if client.dpop_allowed else None


def _check_early(form: Form, client: Client) -> None:
    """Refuse what no grant of this client can allow before a code or refresh token is used for it."""
    if not set(form.all("resource")) <= client.resources:
        raise Refused(code="invalid_target", description="The client may not use this resource")


def _exchange_code(
    form: Form, client: Client, jkt: str | None, grants: Grants, audit: Audit, mint: Mint, now: datetime
) -> dict[str, Any]:
    exchange = CodeExchange.read(form, client)
    live = redeem(exchange, client=client, jkt=jkt, grants=grants, audit=audit, mint=mint, now=now)
    response = _tokens(form, live, client, jkt, mint, now, scope=live.grant.scope, nonce=live.grant.nonce)
    refresh_token = first_refresh_token(live, client, mint, now, jkt)
    return response | ({"refresh_token": refresh_token} if refresh_token else {})


def _refresh(
    form: Form, client: Client, jkt: str | None, grants: Grants, audit: Audit, mint: Mint, now: datetime
) -> dict[str, Any]:
    presented = form.get("refresh_token")
    _check_wishes(form, presented, client, grants, mint, now)
    refreshed = refresh(presented, client=client, jkt=jkt, grants=grants, audit=audit, mint=mint, now=now)
    scope = choose_scope(form.find("scope"), refreshed.live.grant.scope)
    response = _tokens(form, refreshed.live, client, jkt, mint, now, scope=scope, nonce=None)
    return response | {"refresh_token": refreshed.refresh_token}


def _check_wishes(form: Form, presented: str, client: Client, grants: Grants, mint: Mint, now: datetime) -> None:
    """Refuse a wish beyond the grant before the refresh token is replaced for it: the answer would be lost with it."""
    if form.find("scope") is None and not form.all("resource"):
        return
    reference = mint.sealer.read_refresh_token(presented)
    live = grants.find_live(reference.grant_id, now) if reference else None
    if live is not None and live.grant.client_id == client.client_id:
        choose_scope(form.find("scope"), live.grant.scope)
        choose_resources(form.all("resource"), live, client)


def _tokens(
    form: Form,
    live: LiveGrant,
    client: Client,
    jkt: str | None,
    mint: Mint,
    now: datetime,
    *,
    scope: tuple[str, ...],
    nonce: str | None,
) -> dict[str, Any]:
    resources = choose_resources(form.all("resource"), live, client)
    access = issue_access_token(live, client, mint, now, scope=scope, resources=resources, jkt=jkt)
    response: dict[str, Any] = {
        "access_token": access.value,
        "token_type": access.token_type,
        "expires_in": access.expires_in,
        "scope": " ".join(scope),
    }
    if "openid" in scope:
        response["id_token"] = issue_id_token(
            live, client, mint, now, scope=frozenset(scope), access_token=access.value, nonce=nonce
        )
    return response
