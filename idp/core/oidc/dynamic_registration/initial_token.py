"""Initial access tokens: an operator gives somebody the permission to register clients, and takes it back (RFC 7591 3)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.audit_log import Audit
from idp.core.client_events import InitialTokenIssued, InitialTokenRevoked
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.clients.profile import PROFILES_TO_REGISTER
from idp.core.oidc.dynamic_registration.ports import InitialTokens
from idp.core.oidc.dynamic_registration.registered_client import InitialToken
from idp.core.oidc.dynamic_registration.registration_tokens import INITIAL_TOKEN, new_token, token_hash

LONGEST_LIFE = timedelta(days=365)
MOST_USES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInitialToken:
    """Store a new permission."""

    initial_tokens: InitialTokens
    audit: Audit

    def __call__(
        self,
        note: str,
        now: datetime,
        *,
        life: timedelta,
        uses: int | None,
        security_profile: SecurityProfile,
        operator: str,
    ) -> tuple[InitialToken, str]:
        """Give it with its secret of 256 bits, which is told once.

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
        self.initial_tokens.issue(token, token_hash(secret))
        self.audit.record(InitialTokenIssued(initial_token_id=token.id, uses=uses, operator=operator), now)
        return token, secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInitialToken:
    """Let nobody register with a token any more."""

    initial_tokens: InitialTokens
    audit: Audit

    def __call__(self, token_id: str, now: datetime, *, operator: str) -> bool:
        """False when there is no such token, or it is revoked already."""
        if not self.initial_tokens.revoke(token_id, now):
            return False
        self.audit.record(InitialTokenRevoked(initial_token_id=token_id, operator=operator), now)
        return True
