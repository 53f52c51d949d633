"""Introspection: whether a token still counts, for an API that asks (RFC 7662; signed: RFC 9701)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.core.oidc.claims.release import event_claims
from idp.core.oidc.claims.scopes import CUSTOMER
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.errors import Refused
from idp.core.oidc.keys.reference_tokens import AccessReference
from idp.core.oidc.tokens.access_token import find_access_token
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer

SIGNED_TYPE = "token-introspection+jwt"
SIGNED_MEDIA_TYPE = f"application/{SIGNED_TYPE}"
INACTIVE: Mapping[str, Any] = {"active": False}
"""All that anybody learns of a token that is not theirs, not ours or over (RFC 7662 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introspect:
    """Tell an authenticated client what it may know of a token: its own, or one whose audience it serves."""

    clients: Clients
    grants: Grants
    token_issuer: Callable[[], TokenIssuer]

    def __call__(self, token: str, asking: Client, now: datetime) -> Mapping[str, Any]:
        """Raises Refused for a public client, whose name anybody can use."""
        if asking.is_public:
            raise Refused(
                code="invalid_client",
                description="Client authentication failed",
                detail="public",
                diagnosis="this client keeps no secret, so anybody could ask; register the API as a client with a key or a secret",
                status=401,
            )
        issuer = self.token_issuer()
        reference = find_access_token(token, issuer, now)
        if reference is not None:
            return self._describe_access(reference, asking, issuer, now)
        return self._describe_refresh(token, asking, issuer, now)

    def signed(self, answer: Mapping[str, Any], asking: Client, now: datetime) -> str:
        """The answer as evidence that the API can keep (RFC 9701 5)."""
        issuer = self.token_issuer()
        claims = {
            "token_introspection": dict(answer),
            "iss": issuer.issuer,
            "aud": asking.client_id,
            "iat": int(now.timestamp()),
        }
        alg = asking.introspection_signed_response_alg or asking.id_token_signed_response_alg
        return issuer.sign(SIGNED_TYPE, claims, alg, now)

    def _describe_access(
        self, reference: AccessReference, asking: Client, issuer: TokenIssuer, now: datetime
    ) -> Mapping[str, Any]:
        live = self.grants.find_live(reference.grant_id, now)
        owner = self._owner(live, asking) if live else None
        if live is None or owner is None or owner.disabled:
            return INACTIVE
        if owner is not asking and not set(reference.resources) & asking.introspection_audiences:
            return INACTIVE
        scope = reference.scope if reference.scope is not None else live.grant.scope
        customer = live.customer if CUSTOMER in scope else None
        return {
            **({"customer_number": str(customer.number)} if customer else {}),
            **_describe_grant(live, owner, scope, issuer),
            **({"cnf": {"jkt": reference.jkt}} if reference.jkt else {}),
            "aud": _audience(reference, issuer),
            "token_type": "DPoP" if reference.jkt else "Bearer",
            "iat": int(reference.issued_at.timestamp()),
            "exp": int(reference.expires_at.timestamp()),
        }

    def _describe_refresh(self, token: str, asking: Client, issuer: TokenIssuer, now: datetime) -> Mapping[str, Any]:
        reference = issuer.reference_tokens.read_refresh_token(token)
        live = self.grants.find_live(reference.grant_id, now) if reference else None
        if reference is None or live is None or live.grant.client_id != asking.client_id:
            return INACTIVE
        ends_at = live.grant.refresh_expires_at
        if ends_at is None or ends_at <= now or reference.generation != live.grant.generation:
            return INACTIVE
        return {**_describe_grant(live, asking, live.grant.scope, issuer), "exp": int(ends_at.timestamp())}

    def _owner(self, live: LiveGrant, asking: Client) -> Client | None:
        return asking if live.grant.client_id == asking.client_id else self.clients.find(live.grant.client_id)


def _describe_grant(live: LiveGrant, owner: Client, scope: tuple[str, ...], issuer: TokenIssuer) -> dict[str, Any]:
    event = event_claims(live, owner)
    return {
        **{name: event[name] for name in ("auth_time", "acr", "amr")},
        "active": True,
        "iss": issuer.issuer,
        "sub": subject_for(live.person, owner, issuer.reference_tokens),
        "client_id": owner.client_id,
        "scope": " ".join(scope),
    }


def _audience(reference: AccessReference, issuer: TokenIssuer) -> str | list[str]:
    match reference.resources:
        case ():
            return issuer.issuer
        case (only,):
            return only
        case several:
            return list(several)
