"""Authentication: one identification of one person, the event that tokens tell of."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """One completed BankID identification of one person: the event that tokens point to."""

    id: str
    person_id: str
    at: datetime
    acr: str
    amr: tuple[str, ...]
    txn: str
    """Our transaction id (RFC 8417 2.2), never BankID's order reference."""
    device_ip: str
    credential_valid_from: datetime | None = None
    credential_valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedEvidence:
    """What proves an authentication to others, base64 as BankID gave it."""

    signature: str = field(repr=False)
    ocsp: str = field(repr=False)
