"""ClientRegistry: the relying parties in memory; those of files are replaced as a whole or not at all."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from idp.core.oidc.clients.client import Client


class Registered(Protocol):
    """Clients that registered themselves, remembered for seconds."""

    def client(self, client_id: str) -> Client | None: ...
    def clients(self) -> Sequence[Client]: ...


class ClientRegistry:
    """All clients by their id; satisfies the port `Clients`.

    A reload reads the whole new set first and then swaps one reference, so a request sees the old set or the new one
    and never a mixture, and a broken file leaves the old set in force. A client that registered itself is looked for when
    no file has its id, so a file always wins.
    """

    def __init__(
        self, clients: Mapping[str, Client], registered: Registered | None = None, *, own_pages: Client | None = None
    ) -> None:
        """`own_pages` is found by its id before all others, and listed nowhere: it is no relying party."""
        self._clients: Mapping[str, Client] = MappingProxyType(dict(clients))
        self._registered = registered
        self._own_pages = own_pages

    def find(self, client_id: str) -> Client | None:
        if self._own_pages is not None and client_id == self._own_pages.client_id:
            return self._own_pages
        client = self._clients.get(client_id)
        if client is None and self._registered is not None:
            return self._registered.client(client_id)
        return client

    def all(self) -> Sequence[Client]:
        """Every client, in the order of their ids."""
        clients = self._clients
        if self._registered is not None:
            clients = {client.client_id: client for client in self._registered.clients()} | dict(clients)
        return [clients[client_id] for client_id in sorted(clients)]

    def replace(self, clients: Mapping[str, Client]) -> None:
        """Put a new set in force, at once."""
        self._clients = MappingProxyType(dict(clients))
