"""Initial access tokens: an operator gives somebody the permission to register clients, and takes it back (RFC 7591 3)."""

import secrets
from datetime import datetime, timedelta

from idp.core.audit import Audit
from idp.core.events import InitialTokenIssued, InitialTokenRevoked
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.clients.profile import PROFILES_TO_REGISTER
from idp.core.oidc.dynamic_registration.ports import ClientConsents, InitialTokens, RegisteredClients
from idp.core.oidc.dynamic_registration.registered_client import InitialToken
from idp.core.oidc.dynamic_registration.registration import INITIAL_TOKEN, new_token, remove_registered, token_hash
from idp.core.oidc.tokens.ports import Grants

LONGEST_LIFE = timedelta(days=365)
MOST_USES = 1_000


def issue_initial_token(
    note: str,
    *,
    life: timedelta,
    uses: int | None,
    security_profile: SecurityProfile,
    operator: str,
    initial_tokens: InitialTokens,
    audit: Audit,
    now: datetime,
) -> tuple[InitialToken, str]:
    """Store a new permission; gives it with its secret of 256 bits, which is told once.

    Raises ValueError for a life, a number of uses or a profile that nobody may be given.
    """
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise ValueError(f"a token lives for up to {LONGEST_LIFE.days} days")
    if uses is not None and not 1 <= uses <= MOST_USES:
        raise ValueError(f"a token registers 1 to {MOST_USES} clients")
    if security_profile not in PROFILES_TO_REGISTER:
        raise ValueError(f"clients register as {', '.join(PROFILES_TO_REGISTER)} only")
    secret = new_token(INITIAL_TOKEN)
    token = InitialToken(
        id=secrets.token_hex(6),
        note=note,
        security_profile=security_profile,
        created_at=now,
        expires_at=now + life,
        uses=uses,
    )
    initial_tokens.issue(token, token_hash(secret))
    audit.record(InitialTokenIssued(initial_token_id=token.id, uses=uses, operator=operator), now)
    return token, secret


def revoke_initial_token(
    token_id: str, *, operator: str, initial_tokens: InitialTokens, audit: Audit, now: datetime
) -> bool:
    """Let nobody register with it any more; False when there is no such token, or it is revoked already."""
    if not initial_tokens.revoke(token_id, now):
        return False
    audit.record(InitialTokenRevoked(initial_token_id=token_id, operator=operator), now)
    return True


def remove_clients_of(
    token_id: str,
    *,
    registered: RegisteredClients,
    grants: Grants,
    consents: ClientConsents,
    audit: Audit,
    now: datetime,
) -> int:
    """Delete every client that registered with a token, and what people allowed them; gives their number."""
    theirs = [client for client in registered.all() if client.initial_token_id == token_id]
    return sum(
        remove_registered(one, registered=registered, grants=grants, consents=consents, audit=audit, now=now)
        for one in theirs
    )
