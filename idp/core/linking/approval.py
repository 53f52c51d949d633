"""Approval: somebody asks the people of a company to be let in, and one of them answers, once.

A request holds for one person and one customer. An approval counts only while who gave it is linked: it ends with the link.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from idp.core.audit_log import Audit
from idp.core.budgets import Budget
from idp.core.link_events import AccessApproved, AccessRefused
from idp.core.linking.limits import DAY
from idp.core.messages import APPROVAL_ANSWERED_KIND, Outbox
from idp.core.people.identity import Identity
from idp.core.people.person import Person

LIVES: Final = timedelta(days=7)
"""How long a request waits for an answer, and an answer for the person who asked."""
PERSON_PER_DAY: Final = 3
COMPANY_PER_DAY: Final = 10
"""Requests that reach the people of one company in 24 hours, whoever asks."""


class Answer(StrEnum):
    """What has come of a request."""

    AWAITED = "awaited"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request, with what its answer may be decided by."""

    id: str
    customer_id: str
    number: str
    asker_name: str = field(repr=False)
    """As the method of identification says it."""
    asker_email: str = field(repr=False)
    """Where the answer is told; not verified."""
    asked_at: datetime
    expires_at: datetime
    answer: Answer = Answer.AWAITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """Whom a company's request reaches: those who are linked, and the contact on file."""

    customer_name: str
    contact_on_file: str | None = field(repr=False)
    colleagues: Mapping[str, str] = field(repr=False)
    """E-mail addresses by person."""


class Approvals(Protocol):
    """Requests that have not expired; each method one business verb and atomic."""

    def ask(self, approval: Approval, identity: Identity, now: datetime) -> bool:
        """False when the same person waits at the same customer already."""

    def standing(self, identity: Identity, now: datetime, customer_id: str | None = None) -> Approval | None:
        """The person's newest, of one customer or of any, unless it was used; an approval of somebody not linked any more is none."""

    def find(self, approval_id: str, now: datetime) -> Approval | None: ...
    def decide(self, approval_id: str, person_id: str, answer: Answer, now: datetime) -> bool:
        """Answer it, if it is awaited and this person is linked to its customer; its time begins anew."""

    def use(self, approval_id: str, now: datetime) -> bool:
        """True once, for an approval by somebody who is still linked."""


class DecidersOf(Protocol):
    """Who may answer for a customer."""

    def deciders(self, customer_id: str) -> Deciders: ...


def approval_scopes(person: str, company: str) -> Mapping[str, Budget]:
    """What a request is counted in."""
    return {
        f"linking.approval.person_day {person}": Budget(limit=PERSON_PER_DAY, window=DAY),
        f"linking.approval.company_day {company}": Budget(limit=COMPANY_PER_DAY, window=DAY),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTheirs:
    """No such request, or none of a company of this person: one answer for both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The request has its answer, from this person or another who was first."""

    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideApproval:
    """Lets a linked person answer a request; the first answer counts, and the asker is told of it."""

    approvals: Approvals
    outbox: Outbox
    audit: Audit

    def look(self, approval_id: str, person: Person, now: datetime) -> Approval | NotTheirs:
        """Only who is linked to the customer learns who asks."""
        approval = self.approvals.find(approval_id, now)
        return approval if approval is not None and person.link_to(approval.customer_id) is not None else NotTheirs()

    def __call__(self, approval_id: str, person: Person, answer: Answer, now: datetime) -> Answered | NotTheirs:
        """Compares and acts in one statement; a link that ended meanwhile answers nothing."""
        approval = self.look(approval_id, person, now)
        if isinstance(approval, NotTheirs):
            return approval
        link = person.link_to(approval.customer_id)
        if not self.approvals.decide(approval_id, person.id, answer, now):
            found = self.approvals.find(approval_id, now)
            is_answered = found is not None and found.answer is not Answer.AWAITED
            return Answered(answer=found.answer) if found is not None and is_answered else NotTheirs()
        event = AccessApproved if answer is Answer.APPROVED else AccessRefused
        self.audit.record(event(person_id=person.id, customer_id=approval.customer_id, approval_id=approval_id), now)
        payload = {
            "to": approval.asker_email,
            "approved": answer is Answer.APPROVED,
            "customer_name": link.name if link is not None else "",
        }
        self.outbox.put(APPROVAL_ANSWERED_KIND, f"{APPROVAL_ANSWERED_KIND}:{approval_id}", payload, now)
        return Answered(answer=answer)
