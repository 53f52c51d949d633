"""End a person's link to a customer, so that it may be made again, or so that it may not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Grants, Links, People
from idp.core.audit_log import Audit
from idp.core.events import LinkEnded, LinkSuspended
from idp.core.people.person import NoSuchPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """The link gives nothing any more."""

    grants_revoked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyKeptOut:
    """Nothing was changed: the link is suspended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLinked:
    """The person has no link by this number."""

    numbers: Sequence[str]
    """By which the person is linked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLink:
    """Ends the link and revokes the grants that act for the customer; the old digits may link it again."""

    people: People
    links: Links
    grants: Grants
    audit: Audit

    def __call__(
        self, person_id: str, number: str, now: datetime, *, operator: str, reason: str
    ) -> Unlinked | NotLinked | NoSuchPerson:
        customer_id = self.links.end(person_id, number, now, reason=reason)
        if customer_id is None:
            return _not_linked(self.people, person_id)
        ended = LinkEnded(person_id=person_id, customer_id=customer_id, operator=operator, reason=reason)
        return _conclude(ended, self.grants, self.audit, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOut:
    """Suspends the link and revokes the grants that act for the customer, until the link is ended."""

    people: People
    links: Links
    grants: Grants
    audit: Audit

    def __call__(
        self, person_id: str, number: str, now: datetime, *, operator: str, reason: str
    ) -> Unlinked | AlreadyKeptOut | NotLinked | NoSuchPerson:
        customer_id = self.links.keep_out(person_id, number, now)
        if customer_id is None:
            is_out = self.links.is_kept_out(person_id, number)
            return AlreadyKeptOut() if is_out else _not_linked(self.people, person_id)
        kept_out = LinkSuspended(person_id=person_id, customer_id=customer_id, operator=operator, reason=reason)
        return _conclude(kept_out, self.grants, self.audit, now)


def _conclude(event: LinkEnded | LinkSuspended, grants: Grants, audit: Audit, now: datetime) -> Unlinked:
    revoked = grants.revoke_for_person_and_customer(event.person_id, event.customer_id, now, reason="unlinked")
    audit.record(event, now)
    return Unlinked(grants_revoked=revoked)


def _not_linked(people: People, person_id: str) -> NotLinked | NoSuchPerson:
    person = people.find(person_id)
    return NoSuchPerson() if person is None else NotLinked(numbers=[str(link.number) for link in person.links])
