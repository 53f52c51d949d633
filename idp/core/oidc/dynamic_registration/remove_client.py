"""Remove a client: what registered itself is deleted, and with it everything that people allowed it (RFC 7592 2.3)."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.audit import Audit
from idp.core.events import ClientDeleted
from idp.core.oidc.dynamic_registration.client_information import facts
from idp.core.oidc.dynamic_registration.ports import ClientConsents, ClientGrants, RegisteredClients
from idp.core.oidc.dynamic_registration.registered_client import RegisteredClient

CLIENT_DELETED = "client_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveClient:
    """Delete a registered client, by itself or by an operator."""

    registered: RegisteredClients
    grants: ClientGrants
    consents: ClientConsents
    audit: Audit

    def __call__(self, client: RegisteredClient, now: datetime) -> bool:
        """True when it was there."""
        if not self.registered.remove(client.client_id):
            return False
        revoked = self.grants.revoke_for_client(client.client_id, now, reason=CLIENT_DELETED)
        withdrawn = self.consents.withdraw_for_client(client.client_id)
        self.audit.record(ClientDeleted(**facts(client), grants_revoked=revoked, consents_withdrawn=withdrawn), now)
        return True

    def all_of_token(self, token_id: str, now: datetime) -> int:
        """Delete every client that registered with an initial access token; gives their number."""
        theirs = [client for client in self.registered.all() if client.initial_token_id == token_id]
        return sum(self(client, now) for client in theirs)
