"""ClientRegistry: the relying parties in memory, replaced as a whole or not at all."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from idp.core.oidc.client import Client


class ClientRegistry:
    """All clients by their id; satisfies the port `Clients`.

    A reload reads the whole new set first and then swaps one reference, so a request sees the old set or the new one
    and never a mixture, and a broken file leaves the old set in force.
    """

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self._clients: Mapping[str, Client] = MappingProxyType(dict(clients))

    def find(self, client_id: str) -> Client | None:
        return self._clients.get(client_id)

    def all(self) -> Sequence[Client]:
        """Every client, in the order of their ids."""
        clients = self._clients
        return [clients[client_id] for client_id in sorted(clients)]

    def replace(self, clients: Mapping[str, Client]) -> None:
        """Put a new set in force, at once."""
        self._clients = MappingProxyType(dict(clients))
