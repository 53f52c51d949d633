"""Access tokens for registration: an operator's permission to register, and each registered client's own.

Both have 256 random bits and are kept as SHA-256, as are client secrets, and all are told once (RFC 7591 3, RFC 7592 3).
"""

import hashlib
import secrets

from idp.core.oidc.clients.bearer import Scheme, challenge
from idp.core.oidc.errors import ErrorCode, Refused

INITIAL_TOKEN = "iat_"  # noqa: S105 - a prefix
REGISTRATION_TOKEN = "rat_"  # noqa: S105 - a prefix
NOBODYS_HASH = hashlib.sha256(b"nobody").hexdigest()
"""Compared with where there is nothing to compare, so that both cost the same."""

_LONGEST_TOKEN = 200


def new_token(prefix: str) -> str:
    """A fresh access token for registration."""
    return f"{prefix}{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """What is kept of a token or secret of 256 random bits: SHA-256, hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_bearer(authorization: str | None, issuer: str) -> str:
    """The token of the Authorization header, the only place where it is taken from (RFC 6750 2.1). Raises Refused."""
    if authorization is None:
        raise unauthorized(issuer, "no token", error=None)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN or " " in token:
        raise unauthorized(issuer, "the Authorization header is no bearer token")
    return token


def unauthorized(issuer: str, detail: str, error: ErrorCode | None = "invalid_token") -> Refused:
    """One answer for every token that opens nothing; the reason is for the log only."""
    return Refused(
        code="invalid_token",
        description="A valid access token for registration is needed",
        detail=detail,
        status=401,
        headers={"WWW-Authenticate": challenge(issuer, error, Scheme.BEARER)},
    )
