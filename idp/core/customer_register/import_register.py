"""Carry a plan out: the register, the links of numbers that moved, and what was reached through them, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.audit_log import Audit
from idp.core.customer_register.plan import Plan
from idp.core.customer_register.ports import Access, EndedLink, Links, Progress, Register
from idp.core.events import CustomersImported, LinkEnded
from idp.core.messages import ACCESS_ENDED_KIND, Outbox

MOVED = "number_moved"
"""Why links and what was reached by them end."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The plan was carried out."""

    ended: tuple[EndedLink, ...]


@dataclass(frozen=True, slots=True)
class RegisterChanged:
    """The register is not what the plan was made against; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRegister:
    """Carries out what the operator has seen, or nothing."""

    register: Register
    links: Links
    outbox: Outbox
    access: Access
    audit: Audit

    def __call__(
        self, plan: Plan, version: str, now: datetime, *, operator: str, progress: Progress
    ) -> Imported | RegisterChanged:
        """The links end after the numbers are written, so that one made meanwhile ends, too, or is not made."""
        if not self.register.save(plan.changes, version, now, progress):
            return RegisterChanged()
        ended = tuple(self.links.end_moved(now))
        for link in ended:
            self.access.end(link.person_id, link.customer_id, now, reason=MOVED)
            event = LinkEnded(person_id=link.person_id, customer_id=link.customer_id, operator=operator, reason=MOVED)
            self.audit.record(event, now)
        self._tell(ended, now)
        if plan.closing:
            self.access.end_for_closed(now)
        if plan.changes or ended:
            self._record(plan, operator, now)
        return Imported(ended)

    def _tell(self, ended: Sequence[EndedLink], now: datetime) -> None:
        """Each person; and once for all people of a number, the contact on file."""
        numbers = set[tuple[str, str]]()
        for link in ended:
            by_number = (link.customer_id, link.number.value)
            if link.persons_address:
                self._put(link, "person", link.persons_address, f"{link.person_id}:{link.customer_id}", now)
            if link.contact_on_file and by_number not in numbers:
                self._put(link, "contact_on_file", link.contact_on_file, ":".join(by_number), now)
                numbers.add(by_number)

    def _put(self, link: EndedLink, recipient: str, address: str, whose: str, now: datetime) -> None:
        notice = {
            "to": address,
            "recipient": recipient,
            "customer_name": link.customer_name,
            "customer_number": link.number.value,
            "ended_at": now.isoformat(),
        }
        self.outbox.put(ACCESS_ENDED_KIND, f"{ACCESS_ENDED_KIND}:{recipient}:{whose}:{now.isoformat()}", notice, now)

    def _record(self, plan: Plan, operator: str, now: datetime) -> None:
        event = CustomersImported(
            operator=operator,
            new=len(plan.new),
            changed=len(plan.changes) - len(plan.new),
            closed=len(plan.closing),
            moved=len(plan.moved),
            refused=len(plan.refused),
        )
        self.audit.record(event, now)
