"""UserInfo: what a client learns about the person with its access token (OpenID Connect Core 5.3)."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.keys.reference_tokens import AccessReference
from idp.core.oidc.tokens.access_token import find_access_token
from idp.core.oidc.tokens.bearer import PresentedToken, Scheme, refuse_access
from idp.core.oidc.tokens.claims import userinfo_claims
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import Mint


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo:
    """The answer, as JSON members or as a signed token."""

    client: Client
    claims: Mapping[str, Any]
    signed: str | None
    """A JWT, when the client registered for one (Core 5.3.2)."""


def read_userinfo(
    presented: PresentedToken,
    prove: Callable[[], str | None],
    *,
    clients: Clients,
    grants: Grants,
    mint: Mint,
    now: datetime,
) -> UserInfo:
    """Answer with what the token's scopes and the `claims` parameter open.

    `prove` gives the thumbprint of the key that the caller proved; it is asked for bound tokens only, so that garbage
    never fills the replay memory. Raises Refused; one text for every reason why a token does not work.
    """
    reference = _usable(presented, prove, mint, now)
    live, client = _find(reference, clients, grants, now) or _refuse(mint, presented.scheme, "revoked or gone")
    scope = frozenset(reference.scope if reference.scope is not None else live.grant.scope)
    if "openid" not in scope:
        raise refuse_access(mint.issuer, "insufficient_scope", "The scope openid is needed", scheme=presented.scheme)
    claims = userinfo_claims(live, client, scope) | {"sub": subject_for(live.person, client, mint.sealer)}
    return UserInfo(client=client, claims=claims, signed=_sign(claims, client, mint, now))


def _usable(presented: PresentedToken, prove: Callable[[], str | None], mint: Mint, now: datetime) -> AccessReference:
    """An unexpired token for us, presented in the way that it is bound to (RFC 9449 7.1)."""
    reference = find_access_token(presented.value, mint, now)
    if reference is None:
        return _refuse(mint, presented.scheme, "no access token of ours, or expired")
    if reference.resources:
        return _refuse(mint, presented.scheme, "the access token is for another audience")
    if reference.jkt is None:
        return reference if presented.scheme is Scheme.BEARER else _refuse(mint, Scheme.DPOP, "not bound to a key")
    jkt = prove() if presented.scheme is Scheme.DPOP else None
    if jkt is None or not hmac.compare_digest(reference.jkt, jkt):
        return _refuse(mint, Scheme.DPOP, "bound to another key, or no proof")
    return reference


def _find(
    reference: AccessReference, clients: Clients, grants: Grants, now: datetime
) -> tuple[LiveGrant, Client] | None:
    if reference.wants_customers or reference.wants_evidence:
        live = grants.find_live_with_more(reference.grant_id, now, evidence=reference.wants_evidence)
    else:
        live = grants.find_live(reference.grant_id, now)
    client = clients.find(live.grant.client_id) if live else None
    return None if live is None or client is None or client.disabled else (live, client)


def _sign(claims: Mapping[str, Any], client: Client, mint: Mint, now: datetime) -> str | None:
    alg = client.userinfo_signed_response_alg
    if alg is None:
        return None
    protocol = {"iss": mint.issuer, "aud": client.client_id, "iat": int(now.timestamp())}
    return mint.sign("JWT", {**claims, **protocol}, alg, now)


def _refuse(mint: Mint, scheme: Scheme, detail: str) -> NoReturn:
    raise refuse_access(mint.issuer, "invalid_token", "The access token is not valid", scheme=scheme, detail=detail)
