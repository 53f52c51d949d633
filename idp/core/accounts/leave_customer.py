"""Leave a customer: a person ends the own link to a company, at once after a mistake or later."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.end_access import EndAccess
from idp.core.accounts.ports import Links
from idp.core.audit_log import Audit
from idp.core.events import LinkLeft
from idp.core.messages import USER_LEFT_KIND, Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The link gives nothing any more, and may be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLinked:
    """No such link stands; one from which the person is kept out is none to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveCustomer:
    """Ends the link first, then what was reached through it; the company's contact, who was told of the new user, is told."""

    links: Links
    access: EndAccess
    outbox: Outbox
    audit: Audit

    def __call__(
        self, person_id: str, customer_id: str, now: datetime, *, made_since: datetime | None = None
    ) -> Left | NotLinked:
        """With `made_since` only a link that is not older."""
        number = self.links.leave(person_id, customer_id, now, made_since=made_since)
        if number is None:
            return NotLinked()
        self.access.end(person_id, customer_id, now, reason="left")
        self.audit.record(LinkLeft(person_id=person_id, customer_id=customer_id), now)
        self._tell(person_id, customer_id, number, now)
        return Left()

    def _tell(self, person_id: str, customer_id: str, number: str, now: datetime) -> None:
        concerned = self.links.concerned(person_id, customer_id)
        if concerned.contact_on_file is None:
            return
        payload = {
            "to": concerned.contact_on_file,
            "customer_name": concerned.customer_name,
            "customer_number": number,
            "person_name": concerned.person_name,
            "left_at": now.isoformat(),
        }
        self.outbox.put(USER_LEFT_KIND, f"{USER_LEFT_KIND}:{person_id}:{customer_id}:{now.isoformat()}", payload, now)
