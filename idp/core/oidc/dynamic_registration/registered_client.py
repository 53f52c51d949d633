"""RegisteredClient: a relying party that registered itself (RFC 7591), and what it can never be.

The holder of an initial access token writes these members, so they never give what an operator's file may give: no
first-party standing, no personal numbers, no own words in the BankID app, no other client's sector.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

from idp.core.oidc.clients.client import MEMBERS, Client, SecurityProfile, SubjectType
from idp.core.oidc.clients.metadata import read_client
from idp.core.oidc.clients.profile import profile_of

CLIENT_ID = re.compile(r"dcr-[0-9a-f]{32}", re.ASCII)
"""What a registered client's id looks like; any other id is not looked up."""
_ALWAYS: Mapping[str, Any] = {
    name: member.of_registered for name, member in MEMBERS.items() if member.of_registered is not None
}
_DECIDED_HERE = frozenset({"subject_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialToken:
    """The permission to register clients, given to somebody by an operator; the secret itself is kept nowhere."""

    id: str
    note: str
    """For whom it was made."""
    security_profile: SecurityProfile = SecurityProfile.THIRD_PARTY
    created_at: datetime
    expires_at: datetime
    uses: int | None = 1
    """How many clients it may register; None: as many as the settings allow."""
    used: int = 0
    revoked_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        """True until it expires, is revoked or used up."""
        return self.revoked_at is None and now < self.expires_at and (self.uses is None or self.used < self.uses)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """What is stored of a client that registered itself."""

    client_id: str
    initial_token_id: str
    security_profile: SecurityProfile
    metadata: Mapping[str, Any]
    """The members in force, under their RFC 7591 names, as they are told to the client."""
    access_token_hash: str = field(repr=False)
    """SHA-256, hex, of the registration access token (RFC 7592 3)."""
    client_secret_hash: str | None = field(default=None, repr=False)
    client_secret_expires_at: datetime | None = None
    """None: never, where there is a secret."""
    registered_at: datetime
    version: int = 1


class Admission(Enum):
    """How storing a new client went."""

    ADMITTED = auto()
    REFUSED = auto()
    """The initial access token is not usable any more."""
    TOO_FAST = auto()
    FULL = auto()


class Change(Enum):
    """How storing a changed client went."""

    CHANGED = auto()
    OVERTAKEN = auto()
    """Somebody else changed or deleted it since it was read."""
    TOO_FAST = auto()


def as_client(registered: RegisteredClient, *, issuer: str, sandbox: bool, now: datetime) -> Client:
    """The client as every endpoint knows it. Raises MetadataProblems when it breaks a rule of today.

    A secret that has expired proves nothing any more, so the client is without one.
    """
    members = {name: value for name, value in registered.metadata.items() if name not in _DECIDED_HERE}
    secret = {"client_secret_hash": registered.client_secret_hash} if registered.client_secret_hash else {}
    profile = {"security_profile": registered.security_profile, "subject_type": SubjectType.PUBLIC}
    client = read_client(
        registered.client_id, {**members, **_ALWAYS, **profile, **secret}, issuer=issuer, sandbox=sandbox
    )
    expires_at = registered.client_secret_expires_at
    return replace(
        client,
        subject_type=SubjectType(registered.metadata["subject_type"]),
        sector_identifier=sector_of(registered.metadata["redirect_uris"]) or registered.client_id,
        nonce_may_replace_pkce=not client.is_public and profile_of(client).pkce_may_be_waived,
        client_secret_hashes=() if expires_at is not None and expires_at <= now else client.client_secret_hashes,
    )


def sector_of(redirect_uris: Iterable[str]) -> str | None:
    """The one host that all addresses share; None when the client is a sector by itself (OpenID Connect Core 8.1).

    An address on the person's own device belongs to no host: with it in the set, somebody could receive the subjects of
    a host that is not theirs.
    """
    hosts = {urlsplit(uri).hostname if uri.startswith("https://") else None for uri in redirect_uris}
    return hosts.pop() if len(hosts) == 1 else None
