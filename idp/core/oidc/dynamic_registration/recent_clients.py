"""RecentClients: registered clients as this process saw them a few seconds ago.

Every process sees a new, changed or deleted client within the time that an entry is believed, without telling the others.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.metadata import MetadataProblems
from idp.core.oidc.dynamic_registration.ports import RegisteredClients
from idp.core.oidc.dynamic_registration.registered_client import (
    CLIENT_ID,
    Admission,
    Change,
    RegisteredClient,
    as_client,
)

BELIEVED_FOR = timedelta(seconds=4)
MOST_ENTRIES = 8_192
"""Unknown ids count as well; beyond that everything is forgotten and read again."""

_Built = tuple[RegisteredClient, Client | None]


class RecentClients:
    """A memory in front of the port `RegisteredClients`, which it also satisfies.

    `clock` is the provider's; a clock that is set back makes an entry stale, never everlasting.
    """

    def __init__(
        self, registered: RegisteredClients, *, issuer: str, sandbox: bool, clock: Callable[[], datetime]
    ) -> None:
        self._registered = registered
        self._issuer = issuer
        self._sandbox = sandbox
        self._clock = clock
        self._seen: dict[str, tuple[datetime, RegisteredClient | None]] = {}
        self._listed: tuple[datetime, Sequence[RegisteredClient]] | None = None
        self._built: dict[str, _Built] = {}

    def client(self, client_id: str) -> Client | None:
        """The client with this id, or None; an id of another shape costs no look-up."""
        if not CLIENT_ID.fullmatch(client_id):
            return None
        now = self._clock()
        seen = self._seen.get(client_id)
        if seen is None or not _is_fresh(seen[0], now):
            seen = (now, self._registered.find(client_id))
            if len(self._seen) >= MOST_ENTRIES:
                self._seen = {}
            self._seen[client_id] = seen
        return self._build(seen[1], now) if seen[1] is not None else None

    def clients(self) -> Sequence[Client]:
        """Every registered client, in the order of their ids."""
        now = self._clock()
        listed = self._listed
        if listed is None or not _is_fresh(listed[0], now):
            listed = self._listed = (now, self._registered.all())
        return [client for one in listed[1] if (client := self._build(one, now)) is not None]

    def admit(self, client: RegisteredClient, token_hash: str, *, per_hour: int, most: int, now: datetime) -> Admission:
        self._forget(client.client_id)
        return self._registered.admit(client, token_hash, per_hour=per_hour, most=most, now=now)

    def find(self, client_id: str) -> RegisteredClient | None:
        """As it is stored now: what decides about a change is never remembered."""
        return self._registered.find(client_id)

    def all(self) -> Sequence[RegisteredClient]:
        return self._registered.all()

    def change(self, client: RegisteredClient, *, per_hour: int, now: datetime) -> Change:
        self._forget(client.client_id)
        return self._registered.change(client, per_hour=per_hour, now=now)

    def remove(self, client_id: str) -> bool:
        self._forget(client_id)
        return self._registered.remove(client_id)

    def _forget(self, client_id: str) -> None:
        self._seen.pop(client_id, None)
        self._built.pop(client_id, None)
        self._listed = None

    def _build(self, registered: RegisteredClient, now: datetime) -> Client | None:
        """Reading metadata costs more than comparing it, so an unchanged client is read once; its secret may expire."""
        expires_at = registered.client_secret_expires_at
        if expires_at is not None:
            return self._read(registered, now)
        built = self._built.get(registered.client_id)
        if built is None or built[0] != registered:
            if len(self._built) >= MOST_ENTRIES:
                self._built = {}
            built = self._built[registered.client_id] = (registered, self._read(registered, now))
        return built[1]

    def _read(self, registered: RegisteredClient, now: datetime) -> Client | None:
        try:
            return as_client(registered, issuer=self._issuer, sandbox=self._sandbox, now=now)
        except MetadataProblems:
            return None  # a rule became stricter: the client is unknown until it is changed


def _is_fresh(seen_at: datetime, now: datetime) -> bool:
    return seen_at <= now < seen_at + BELIEVED_FOR
