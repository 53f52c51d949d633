"""The logout token: the provider's signed statement that a session is over (OIDC Back-Channel Logout 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ALGORITHMS = ["ES256", "RS256", "PS256"]
OLDEST = timedelta(minutes=5)
LEEWAY = timedelta(seconds=60)


class NotALogoutToken(Exception):
    """The token must not end anybody's login; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutToken:
    """What is over: a session (`sid`), or everything of a person (`sub`)."""

    sid: str | None
    sub: str | None
    jti: str


def read(encoded: str, *, keys: KeySet, issuer: str, client_id: str, now: datetime) -> LogoutToken:
    """Check every rule for a logout token and return what it ends (OIDC Back-Channel Logout 2.6).

    Raises NotALogoutToken.
    """
    try:
        decoded = jwt.decode(encoded, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as problem:
        raise NotALogoutToken("the signature does not hold") from problem
    if decoded.header.get("typ") != "logout+jwt":
        raise NotALogoutToken("typ is not logout+jwt")
    claims: Mapping[str, Any] = decoded.claims
    _check_addressing(claims, issuer=issuer, client_id=client_id)
    _check_times(claims, now=now)
    return _what_ends(claims)


def _check_addressing(claims: Mapping[str, Any], *, issuer: str, client_id: str) -> None:
    audience = claims.get("aud")
    if claims.get("iss") != issuer:
        raise NotALogoutToken("iss is another provider")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise NotALogoutToken("aud is another client")


def _check_times(claims: Mapping[str, Any], *, now: datetime) -> None:
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    if not isinstance(issued_at, int) or not isinstance(expires_at, int):
        raise NotALogoutToken("iat or exp is missing")
    moment = now.timestamp()
    if expires_at + LEEWAY.total_seconds() < moment:
        raise NotALogoutToken("exp has passed")
    if not moment - OLDEST.total_seconds() <= issued_at <= moment + LEEWAY.total_seconds():
        raise NotALogoutToken("iat is not recent")


def _what_ends(claims: Mapping[str, Any]) -> LogoutToken:
    events, jti = claims.get("events"), claims.get("jti")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise NotALogoutToken("events does not name a back-channel logout")
    if "nonce" in claims:
        raise NotALogoutToken("nonce is forbidden here: this is an ID token in disguise")
    if not isinstance(jti, str) or not jti:
        raise NotALogoutToken("jti is missing")
    sid, sub = claims.get("sid"), claims.get("sub")
    if not isinstance(sid, str) and not isinstance(sub, str):
        raise NotALogoutToken("neither sid nor sub is there")
    return LogoutToken(sid=sid if isinstance(sid, str) else None, sub=sub if isinstance(sub, str) else None, jti=jti)
