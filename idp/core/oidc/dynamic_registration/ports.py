"""What dynamic registration needs from the outside: each method one business verb, each atomic by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idp.core.oidc.dynamic_registration.registered_client import Admission, Change, InitialToken, RegisteredClient


class InitialTokens(Protocol):
    """Initial access tokens (RFC 7591 3): who may register clients."""

    def issue(self, token: InitialToken, token_hash: str) -> None: ...
    def find_usable(self, token_hash: str, now: datetime) -> InitialToken | None: ...
    def all(self) -> Sequence[InitialToken]:
        """The newest first."""

    def revoke(self, token_id: str, now: datetime) -> bool:
        """False when there is no such token, or it is revoked already."""


class RegisteredClients(Protocol):
    """Clients that registered themselves."""

    def admit(self, client: RegisteredClient, token_hash: str, *, per_hour: int, most: int, now: datetime) -> Admission:
        """Use the initial access token once and store the client; both or neither."""

    def find(self, client_id: str) -> RegisteredClient | None: ...
    def all(self) -> Sequence[RegisteredClient]:
        """In the order of their ids."""

    def change(self, client: RegisteredClient, *, per_hour: int, now: datetime) -> Change:
        """Store it when its version is the stored one still: one conditional UPDATE."""

    def remove(self, client_id: str) -> bool: ...


class ClientGrants(Protocol):
    """What people got through a client, as far as it ends with the client."""

    def revoke_for_client(self, client_id: str, now: datetime, *, reason: str) -> int: ...


class ClientConsents(Protocol):
    """What people allow a client, as far as it ends with the client."""

    def withdraw_for_client(self, client_id: str) -> int:
        """Forget what anybody allowed this client; gives the number of people's scopes."""
