"""Services: the one typed door through which views reach the core's ports, the keys and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from idp.core.accounts.end_logins import EndSession
from idp.core.audit import Audit
from idp.core.budgets import Budgets
from idp.core.identification.bankid.trust import EvidenceReader
from idp.core.linking.ports import Customers
from idp.core.messages import Outbox
from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.oidc.clients.ports import Clients, SeenIds
from idp.core.oidc.dynamic_registration.ports import InitialTokens, RegisteredClients
from idp.core.oidc.keys.keyring import Keyring
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.keys.reference_tokens import ReferenceTokens
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.signin.ports import (
    Consents,
    Incidents,
    Interactions,
    Orders,
    People,
    Sessions,
)
from idp.settings import Settings
from idp.web.cookies import Cookies
from idp.web.language import Catalogs
from idp.web.transaction import Transaction

EXTENSION = "idp"


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a view may use; made once by the assembly."""

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
    end_session: EndSession
    people: People
    customers: Customers
    budgets: Budgets
    consents: Consents
    audit: Audit
    incidents: Incidents
    evidence: EvidenceReader
    keys: Keys
    catalogs: Catalogs
    cookies: Cookies
    unit_of_work: Transaction
    clock: Callable[[], datetime]

    @property
    def keyring(self) -> Keyring:
        """The signing keys as they are on disk now."""
        return self.keys.keyring

    @property
    def reference_tokens(self) -> ReferenceTokens:
        """What makes and reads codes and opaque tokens now."""
        return self.keys.reference_tokens

    @property
    def token_issuer(self) -> TokenIssuer:
        """What tokens are made with now."""
        return TokenIssuer.of(self.settings.issuer, self.keys)

    def now(self) -> datetime:
        """Aware, UTC."""
        return self.clock()


def services() -> Services:
    """The services of the running application."""
    return cast("Services", current_app.extensions[EXTENSION])
