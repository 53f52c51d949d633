"""UserInfo: what a client learns about the person with its access token (OpenID Connect Core 5.3)."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from idp.core.oidc.claims.release import userinfo_claims
from idp.core.oidc.clients.bearer import PresentedToken, Scheme, refuse_access
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.keys.reference_tokens import AccessReference
from idp.core.oidc.tokens.access_token import find_access_token
from idp.core.oidc.tokens.grant import LiveGrant
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo:
    """The answer, as JSON members or as a signed token."""

    client: Client
    claims: Mapping[str, Any]
    signed: str | None
    """A JWT, when the client registered for one (Core 5.3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUserInfo:
    """Answer the bearer of an access token with what its scopes and the `claims` parameter open."""

    clients: Clients
    grants: Grants
    token_issuer: Callable[[], TokenIssuer]

    def __call__(self, presented: PresentedToken, prove: Callable[[], str | None], now: datetime) -> UserInfo:
        """Raises Refused; one text for every reason why a token does not work.

        `prove` gives the thumbprint of the key that the caller proved; it is asked for bound tokens only, so that
        garbage never fills the replay memory.
        """
        issuer, scheme = self.token_issuer(), presented.scheme
        reference = _usable(presented, prove, issuer, now)
        live, client = self._find(reference, now) or _refuse(issuer, scheme, "revoked or gone")
        scope = frozenset(reference.scope if reference.scope is not None else live.grant.scope)
        if "openid" not in scope:
            raise refuse_access(issuer.issuer, "insufficient_scope", "The scope openid is needed", scheme=scheme)
        subject = subject_for(live.person, client, issuer.reference_tokens)
        claims = userinfo_claims(live, client, scope) | {"sub": subject}
        return UserInfo(client=client, claims=claims, signed=_sign(claims, client, issuer, now))

    def _find(self, reference: AccessReference, now: datetime) -> tuple[LiveGrant, Client] | None:
        if reference.wants_customers or reference.wants_evidence:
            live = self.grants.find_live_with_more(reference.grant_id, now, evidence=reference.wants_evidence)
        else:
            live = self.grants.find_live(reference.grant_id, now)
        client = self.clients.find(live.grant.client_id) if live else None
        return None if live is None or client is None or client.disabled else (live, client)


def _usable(
    presented: PresentedToken, prove: Callable[[], str | None], token_issuer: TokenIssuer, now: datetime
) -> AccessReference:
    """An unexpired token for us, presented in the way that it is bound to (RFC 9449 7.1)."""
    reference = find_access_token(presented.value, token_issuer, now)
    if reference is None:
        return _refuse(token_issuer, presented.scheme, "no access token of ours, or expired")
    if reference.resources:
        return _refuse(token_issuer, presented.scheme, "the access token is for another audience")
    if reference.jkt is None:
        return (
            reference if presented.scheme is Scheme.BEARER else _refuse(token_issuer, Scheme.DPOP, "not bound to a key")
        )
    jkt = prove() if presented.scheme is Scheme.DPOP else None
    if jkt is None or not hmac.compare_digest(reference.jkt, jkt):
        return _refuse(token_issuer, Scheme.DPOP, "bound to another key, or no proof")
    return reference


def _sign(claims: Mapping[str, Any], client: Client, token_issuer: TokenIssuer, now: datetime) -> str | None:
    alg = client.userinfo_signed_response_alg
    if alg is None:
        return None
    protocol = {"iss": token_issuer.issuer, "aud": client.client_id, "iat": int(now.timestamp())}
    return token_issuer.sign("JWT", {**claims, **protocol}, alg, now)


def _refuse(token_issuer: TokenIssuer, scheme: Scheme, detail: str) -> NoReturn:
    raise refuse_access(
        token_issuer.issuer, "invalid_token", "The access token is not valid", scheme=scheme, detail=detail
    )
