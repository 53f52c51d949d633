"""Services: the one typed door through which views reach the core's ports, the keys and the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, cast

from flask import current_app

from idp.core.audit import Audit
from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.oidc.clients.ports import Clients, SeenIds
from idp.core.oidc.dynamic_registration.ports import InitialTokens, RegisteredClients
from idp.core.oidc.keys.keyring import Keyring
from idp.core.oidc.keys.reference_tokens import Sealer
from idp.core.oidc.ports import Outbox
from idp.core.oidc.tokens.ports import Grants
from idp.core.signin.ports import (
    Attempts,
    Consents,
    Customers,
    EvidenceReader,
    Incidents,
    Interactions,
    Orders,
    People,
    Sessions,
)
from idp.settings import Settings
from idp.web.cookies import Cookies
from idp.web.language import Catalogs

EXTENSION = "idp"


class UnitOfWork(Protocol):
    """The transaction of this request."""

    def commit(self) -> None: ...
    def roll_back(self) -> None: ...


class Keys(Protocol):
    """Keys as they are on disk now; they change without a restart."""

    @property
    def keyring(self) -> Keyring: ...
    @property
    def sealer(self) -> Sealer: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a view may use; made once by `idp.app`."""

    settings: Settings
    clients: Clients
    grants: Grants
    initial_tokens: InitialTokens
    registered_clients: RegisteredClients
    pushed_requests: PushedRequests
    seen_ids: SeenIds
    outbox: Outbox
    interactions: Interactions
    orders: Orders
    sessions: Sessions
    people: People
    customers: Customers
    attempts: Attempts
    consents: Consents
    audit: Audit
    incidents: Incidents
    evidence: EvidenceReader
    keys: Keys
    catalogs: Catalogs
    cookies: Cookies
    unit_of_work: UnitOfWork
    checks: Mapping[str, Callable[[], bool]]
    """What `/readyz` asks, by name; a check that raises is a failed one."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def keyring(self) -> Keyring:
        """The signing keys as they are on disk now."""
        return self.keys.keyring

    @property
    def sealer(self) -> Sealer:
        """What seals codes and tokens now."""
        return self.keys.sealer

    def now(self) -> datetime:
        """Aware, UTC."""
        return self.clock()


def services() -> Services:
    """The services of the running application."""
    return cast("Services", current_app.extensions[EXTENSION])
