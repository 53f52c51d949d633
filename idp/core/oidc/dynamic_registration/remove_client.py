"""Remove a client: what registered itself is deleted, and with it everything that people allowed it (RFC 7592 2.3)."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.client_events import ClientDeleted
from idp.core.oidc.dynamic_registration.client_information import facts
from idp.core.oidc.dynamic_registration.ports import ClientConsents, ClientGrants, RegisteredClients

CLIENT_DELETED = "client_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The client is nobody any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRegistered:
    """No client of this id has registered itself, or another request has removed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveClient:
    """Delete a registered client, by itself or by an operator."""

    registered: RegisteredClients
    grants: ClientGrants
    consents: ClientConsents
    audit: Audit

    def __call__(self, client_id: str, now: datetime) -> Removed | NotRegistered:
        """What is told of it is read before; the removal itself decides who of two removed it."""
        client = self.registered.find(client_id)
        if client is None or not self.registered.remove(client_id):
            return NotRegistered()
        revoked = self.grants.revoke_for_client(client.client_id, now, reason=CLIENT_DELETED)
        withdrawn = self.consents.withdraw_for_client(client.client_id)
        self.audit.record(ClientDeleted(**facts(client), grants_revoked=revoked, consents_withdrawn=withdrawn), now)
        return Removed()

    def all_of_token(self, token_id: str, now: datetime) -> int:
        """Delete every client that registered with an initial access token; gives their number."""
        theirs = [client for client in self.registered.all() if client.initial_token_id == token_id]
        return sum(self(client.client_id, now) == Removed() for client in theirs)
