"""Grant: what one person allowed one client in one login; codes and tokens are only references to it.

Revoking a grant kills its code, access tokens and refresh tokens at once, because none of them carries more than
the grant's id, encrypted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.claims.claim import Needs
from idp.core.oidc.claims.table import needs
from idp.core.people.identity import Evidence, Identity
from idp.core.people.person import LinkedCustomer, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A row of `grants`."""

    id: str
    client_id: str
    person_id: str
    authentication_id: str
    session_id: str | None
    """The browser session it came from; ends with it unless `offline`."""
    sid: str | None
    """The session id that this client knows (OpenID Connect Back-Channel Logout 2.1); one per session and client."""
    scope: tuple[str, ...]
    claims: Mapping[str, Any] = field(default_factory=dict)
    """The `claims` parameter (OpenID Connect Core 5.5), already filtered to what the client may have."""
    resources: tuple[str, ...] = ()
    customer_id: str | None = None
    redirect_uri: str
    nonce: str | None = None
    code_challenge: str
    dpop_jkt: str | None = None
    """RFC 7638 thumbprint that code and tokens are bound to (RFC 9449 10)."""
    issued_at: datetime
    code_expires_at: datetime
    redeemed_at: datetime | None = None
    offline: bool = False
    """Refresh tokens survive the browser session (offline_access, or a native client's lifetime)."""
    refresh_expires_at: datetime | None = None
    """None: this grant has no refresh token."""
    generation: int = 0
    """Of the refresh token that is valid now."""
    rotated_at: datetime | None = None
    retries: int = 0
    """How often the present generation was handed out again in its grace time."""
    expires_at: datetime
    """When the row may be swept: after its last possible token and the session it came from."""
    revoked_at: datetime | None = None
    pushed_reference_hash: str | None = None
    """Of the pushed request that it answers: no other grant does."""

    @property
    def asks_personal_number(self) -> bool:
        """Whether a reader of the grant also reads the personal number, or the coordination number in its place."""
        return Needs.PERSONAL_NUMBER in needs(self.scope, self.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveGrant:
    """A grant that may be used now, with the person and the authentication it stands for, from one statement."""

    grant: Grant
    authentication: Authentication
    person: Person
    """`links` is empty unless the reader asked for all customers."""
    customer: LinkedCustomer | None
    """The active customer, when the grant has one and the link still stands."""
    read_at: datetime
    identity: Identity | None = field(default=None, repr=False)
    """By which the person was identified, read only when `grant.asks_personal_number`."""
    evidence: Evidence | None = field(default=None, repr=False)
    """Empty unless the reader asked for it."""

    @property
    def sid(self) -> str | None:
        return self.grant.sid

    @property
    def requested_claims(self) -> Mapping[str, Any]:
        return self.grant.claims
