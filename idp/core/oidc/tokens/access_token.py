"""Access tokens: opaque ones for us and those who ask us, signed ones for APIs that check by themselves (RFC 9068)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from idp.core.oidc.claims.claim import Needs
from idp.core.oidc.claims.release import event_claims
from idp.core.oidc.claims.scopes import CUSTOMER
from idp.core.oidc.claims.table import needs
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.profile import profile_of
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys import jose
from idp.core.oidc.keys.reference_tokens import AccessReference
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.token_issuer import TokenIssuer

AT_JWT = "at+jwt"
_ONLY_AT_JWT: frozenset[str | None] = frozenset({AT_JWT})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedAccessToken:
    """A fresh access token and what the response says about it."""

    value: str = field(repr=False)
    token_type: str
    expires_in: int
    """Seconds."""


def issue_access_token(
    live: LiveGrant,
    client: Client,
    token_issuer: TokenIssuer,
    now: datetime,
    *,
    scope: tuple[str, ...],
    resources: tuple[str, ...],
    jkt: str | None,
) -> IssuedAccessToken:
    """Make an access token for these scopes and audiences, bound to a key when one was proved (RFC 9449 5)."""
    needed = needs(scope, live.grant.claims)
    reference = AccessReference(
        grant_id=live.grant.id,
        jti=secrets.token_hex(8),
        issued_at=now,
        expires_at=now + client.access_token_lifetime,
        scope=None if scope == live.grant.scope else scope,
        resources=resources,
        jkt=jkt,
        wants_customers=Needs.CUSTOMERS in needed,
        wants_evidence=Needs.EVIDENCE in needed,
    )
    signed = bool(resources) and not profile_of(client).access_tokens_are_opaque
    value = (
        _sign(reference, live, client, token_issuer, now, scope)
        if signed
        else token_issuer.reference_tokens.access_token_for(reference)
    )
    return IssuedAccessToken(
        value=value,
        token_type="DPoP" if jkt else "Bearer",
        expires_in=int(client.access_token_lifetime.total_seconds()),
    )


def _sign(
    reference: AccessReference,
    live: LiveGrant,
    client: Client,
    token_issuer: TokenIssuer,
    now: datetime,
    scope: tuple[str, ...],
) -> str:
    """A token that an API checks without us (RFC 9068 2.2); its `jti` leads us back to the grant.

    The active customer goes with it, because the APIs act for one.
    """
    event = event_claims(live, client)
    customer = live.customer if CUSTOMER in scope else None
    claims: dict[str, Any] = {
        **({"customer_number": str(customer.number)} if customer else {}),
        **{name: event[name] for name in ("auth_time", "acr", "amr")},
        **({"cnf": {"jkt": reference.jkt}} if reference.jkt else {}),
        "iss": token_issuer.issuer,
        "sub": subject_for(live.person, client, token_issuer.reference_tokens),
        "aud": reference.resources[0] if len(reference.resources) == 1 else list(reference.resources),
        "client_id": client.client_id,
        "scope": " ".join(scope),
        "iat": int(reference.issued_at.timestamp()),
        "exp": int(reference.expires_at.timestamp()),
        "jti": token_issuer.reference_tokens.jwt_id_for(reference),
    }
    return token_issuer.sign(AT_JWT, claims, client.id_token_signed_response_alg, now)


def find_access_token(access_token: str, token_issuer: TokenIssuer, now: datetime) -> AccessReference | None:
    """What an unexpired access token of ours refers to, opaque or signed, or None."""
    reference = token_issuer.reference_tokens.read_access_token(access_token)
    if reference is None and access_token.count(".") == 2:
        reference = _find_signed(access_token, token_issuer)
    return reference if reference is not None and now < reference.expires_at else None


def _find_signed(access_token: str, token_issuer: TokenIssuer) -> AccessReference | None:
    try:
        claims = token_issuer.recognise(access_token, _ONLY_AT_JWT)
        return token_issuer.reference_tokens.read_jwt_id(claims.text("jti"))
    except jose.JoseRefused:
        return None


def choose_resources(requested: Sequence[str], live: LiveGrant, client: Client) -> tuple[str, ...]:
    """The audiences of a token: what the token request names, else the one of the grant (RFC 8707 2.1, 2.2).

    None means our own UserInfo. Raises Refused for one that neither the grant nor, when the grant names none, the
    client's file allows; and for a grant with several of which none is chosen, because a token for all of them would
    let each API go to the others.
    """
    granted = live.grant.resources
    if not set(requested) <= (set(granted) or client.resources):
        raise Refused(code="invalid_target", description="The resource is not one this grant is for")
    if not requested and len(granted) > 1:
        raise Refused(code="invalid_target", description="The grant is for several resources: name one of them")
    return tuple(dict.fromkeys(requested)) or granted


def choose_scope(requested: str | None, granted: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes of a token: all that were granted, or fewer (RFC 6749 6). Raises Refused for more."""
    if requested is None:
        return granted
    words = set(requested.split(" "))
    if not words <= set(granted):
        raise Refused(code="invalid_scope", description="The scope goes beyond what was granted")
    return tuple(word for word in granted if word in words)
