"""What clients need from the outside: the relying parties themselves, and a memory of what was used once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idp.core.oidc.clients.client import Client


class Clients(Protocol):
    """The relying parties, in memory."""

    def find(self, client_id: str) -> Client | None: ...
    def all(self) -> Sequence[Client]: ...


class SeenIds(Protocol):
    """Replay memory for `jti` of client assertions, DPoP proofs and request objects."""

    def remember(self, purpose: str, owner: str, jti: str, expires_at: datetime) -> bool:
        """False when it was seen before: one INSERT … ON CONFLICT DO NOTHING, stored as a hash."""
