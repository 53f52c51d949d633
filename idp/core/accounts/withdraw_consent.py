"""Withdraw a consent: the client must ask again, and its tokens for the person end."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Consents, Grants
from idp.core.audit_log import Audit
from idp.core.events import ConsentWithdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The client may nothing any more."""

    grants_revoked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingAllowed:
    """There was no consent to withdraw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """Takes back everything that a person allowed a client."""

    consents: Consents
    grants: Grants
    audit: Audit

    def __call__(self, person_id: str, client_id: str, now: datetime, *, operator: str) -> Withdrawn | NothingAllowed:
        if not self.consents.withdraw(person_id, client_id, now):
            return NothingAllowed()
        revoked = self.grants.revoke_for_person_and_client(person_id, client_id, now, reason="consent_withdrawn")
        self.audit.record(ConsentWithdrawn(person_id=person_id, client_id=client_id, operator=operator), now)
        return Withdrawn(grants_revoked=revoked)
