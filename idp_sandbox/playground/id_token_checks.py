"""Checks of an ID token and of a logout token, one by one, so that a developer sees which rule an answer breaks."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from idp_sandbox.playground.runs import Run
from idp_sandbox.playground.steps import Check

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
LEEWAY_SECONDS = 30
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def verify(encoded: str, keys: Mapping[str, Any]) -> jwt.Token | None:
    """The token if a published key has signed it, else None."""
    try:
        return jwt.decode(encoded, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return None


def check_id_token(
    encoded: str, run: Run, keys: Mapping[str, Any], *, now: datetime, is_refreshed: bool = False
) -> tuple[Mapping[str, Any], list[Check]]:
    """The claims, and every rule of OpenID Connect Core 3.1.3.7 (12.2 for one that came with a refresh)."""
    token = verify(encoded, keys)
    if token is None:
        return {}, [Check(False, "A published key has signed it", "OIDC Core 3.1.3.7 (6)")]
    checks = [Check(True, f"The published key {token.header.get('kid')} has signed it", "OIDC Core 3.1.3.7 (6)")]
    checks += _addressing(token.claims, run)
    checks += _times(token.claims, run, now)
    checks += _first_answer(token.claims, run) if not is_refreshed else _same_person(token.claims, run)
    return token.claims, checks


def _addressing(claims: Mapping[str, Any], run: Run) -> Iterator[Check]:
    audience = claims.get("aud")
    yield Check(claims.get("iss") == run.metadata.get("issuer"), "iss is the provider", "OIDC Core 3.1.3.7 (2)")
    is_ours = run.client.client_id in (audience if isinstance(audience, list) else [audience])
    yield Check(is_ours, "aud is this client", "OIDC Core 3.1.3.7 (3)")


def _times(claims: Mapping[str, Any], run: Run, now: datetime) -> Iterator[Check]:
    expires_at, issued_at = claims.get("exp"), claims.get("iat")
    moment = now.timestamp()
    is_valid = isinstance(expires_at, int) and expires_at + LEEWAY_SECONDS > moment
    yield Check(is_valid, "exp has not passed", "OIDC Core 3.1.3.7 (9)")
    is_past = isinstance(issued_at, int) and issued_at - LEEWAY_SECONDS <= moment
    yield Check(is_past, "iat is not in the future", "OIDC Core 3.1.3.7 (10)")
    if max_age := run.parameters.get("max_age", ""):
        identified_at = claims.get("auth_time")
        is_fresh = isinstance(identified_at, int) and max_age.isdigit()
        is_fresh = is_fresh and moment - int(identified_at or 0) <= int(max_age) + 300
        yield Check(is_fresh, "auth_time agrees with max_age", "OIDC Core 3.1.3.7 (13)")


def _first_answer(claims: Mapping[str, Any], run: Run) -> Iterator[Check]:
    sent = run.parameters.get("nonce")
    yield Check(claims.get("nonce") == sent, "nonce is the one that was sent", "OIDC Core 3.1.3.7 (11)")
    if "at_hash" in claims:
        digest = hashlib.sha256(str(run.tokens.get("access_token", "")).encode()).digest()
        expected = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
        yield Check(claims["at_hash"] == expected, "at_hash belongs to the access token", "OIDC Core 3.1.3.8")


def _same_person(claims: Mapping[str, Any], run: Run) -> Iterator[Check]:
    yield Check(claims.get("sub") == run.claims.get("sub"), "sub is the same person as before", "OIDC Core 12.2")


def check_logout_token(encoded: str, keys: Mapping[str, Any], *, issuer: str) -> tuple[Mapping[str, Any], list[Check]]:
    """The claims, and the rules of OpenID Connect Back-Channel Logout 2.6."""
    reference = "Back-Channel Logout 2.6"
    token = verify(encoded, keys)
    if token is None:
        return {}, [Check(False, "A published key has signed it", reference)]
    claims, events = token.claims, token.claims.get("events")
    return claims, [
        Check(True, f"The published key {token.header.get('kid')} has signed it", reference),
        Check(token.header.get("typ") == "logout+jwt", "typ is logout+jwt", reference),
        Check(claims.get("iss") == issuer, "iss is the provider", reference),
        Check(isinstance(events, Mapping) and LOGOUT_EVENT in events, "events names a logout", reference),
        Check("nonce" not in claims, "there is no nonce, so that it cannot pass for an ID token", reference),
        Check("sid" in claims or "sub" in claims, "sid or sub says what is over", reference),
    ]
