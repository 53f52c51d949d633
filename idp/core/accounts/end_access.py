"""End what was reached through a link to a customer: tokens that act for it, and logins at clients that got them."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Grants, People, Sessions
from idp.core.oidc.logout.end_session import EndSession, SignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAccess:
    """The port `Access` of the customer register."""

    people: People
    sessions: Sessions
    grants: Grants
    end_session: EndSession

    def end(self, person_id: str, customer_id: str, now: datetime, *, reason: str) -> None:
        """Revoke the person's grants for a customer, and end the sessions that gave them."""
        acting = self.sessions.acting_for(person_id, customer_id)
        self.grants.revoke_for_person_and_customer(person_id, customer_id, now, reason=reason)
        person = self.people.find(person_id)
        if person is not None:
            for session_id in acting:
                self.end_session(SignedIn(session_id=session_id, person=person), now, reason=reason)

    def end_for_closed(self, now: datetime) -> int:
        """Revoke the grants that act for customers closed at this moment. Returns how many."""
        return self.grants.revoke_for_closed_customers(now, reason="customer_closed")
