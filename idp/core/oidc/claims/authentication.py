"""Authentication: one identification of one person, the event that tokens tell of."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """One completed identification of one person: the event that tokens point to."""

    id: str
    person_id: str
    at: datetime
    method: str
    provider: str
    """Who identified the person."""
    acr: str
    amr: tuple[str, ...]
    txn: str
    """Our transaction id (RFC 8417 2.2), never the method's own reference."""
    device_ip: str
    credential_valid_from: datetime | None = None
    credential_valid_to: datetime | None = None
