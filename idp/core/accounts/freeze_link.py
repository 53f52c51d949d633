"""Freeze a link: who was told of a new user shuts that user out, without logging in, until support has looked at it.

The secret came with the notice. It works once, and only for the link that the notice was about: whoever is linked again later
is another matter. Freezing is cheap to undo and a stranger inside is not, so nobody is asked why.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, assert_never

from idp.core.accounts.end_logins import EndLogins
from idp.core.accounts.ports import Grants, People
from idp.core.audit_log import Audit
from idp.core.evidence.bundle import Act, ActKind, written_time
from idp.core.evidence.ports import Evidence
from idp.core.link_events import LinkFrozen
from idp.core.linking.freeze_secrets import FreezeSecrets, Held, Known, SpentSecret
from idp.core.linking.ports import Contacts
from idp.core.messages import LINK_FROZEN_KIND, Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be frozen: nothing has changed yet."""

    person_name: str = field(repr=False)
    customer_name: str
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The person is out of the company, and logged out everywhere."""

    reference: str
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenBefore:
    """This very secret was used, or another one froze the link before."""

    reference: str | None
    """None where another secret, or an operator, did it."""


@dataclass(frozen=True, slots=True)
class LinkGone:
    """The link that the notice was about has ended."""


@dataclass(frozen=True, slots=True)
class TooLate:
    """The secret does not work any more, or never did."""


class Links(Protocol):
    """Links that can be frozen."""

    def freeze(self, held: Held, now: datetime) -> bool:
        """Suspend the very link that was made then; False unless it was active."""

    def is_frozen(self, held: Held) -> bool:
        """Whether that very link is suspended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLink:
    """Suspends the link, ends the person's sessions and tokens, and tells the person; a lost race changes nothing."""

    secrets: FreezeSecrets
    links: Links
    people: People
    contacts: Contacts
    grants: Grants
    end_logins: EndLogins
    outbox: Outbox
    evidence: Evidence
    audit: Audit

    def ask(self, secret: str, now: datetime) -> Asked | FrozenBefore | LinkGone | TooLate:
        """What the secret would freeze."""
        match self.secrets.look(secret, now):
            case Known(held=held):
                return self._asked(held)
            case SpentSecret(reference=reference):
                return FrozenBefore(reference=reference)
            case None:
                return TooLate()

    def __call__(self, secret: str, now: datetime, *, reference: str) -> Frozen | FrozenBefore | LinkGone | TooLate:
        """`reference` names the case for the one who asks, for support and for the person."""
        used = self.secrets.use(secret, now, reference=reference)
        match used:
            case Known(held=held):
                if not self.links.freeze(held, now):
                    return self._not_active(held)
                self._end(held, now, reference)
                return Frozen(reference=reference, held=held)
            case SpentSecret(reference=earlier):
                return FrozenBefore(reference=earlier)
            case None:
                return TooLate()
            case _:
                assert_never(used)

    def _asked(self, held: Held) -> Asked | FrozenBefore | LinkGone:
        person, on_file = self.people.find(held.person_id), self.contacts.of_customer(held.customer_id)
        if person is None or on_file is None:
            return LinkGone()
        link = person.link_to(held.customer_id)
        if link is None or link.linked_at != held.linked_at:
            return self._not_active(held)
        return Asked(person_name=person.name, customer_name=on_file.customer_name, linked_at=held.linked_at)

    def _not_active(self, held: Held) -> FrozenBefore | LinkGone:
        return FrozenBefore(reference=None) if self.links.is_frozen(held) else LinkGone()

    def _keep(self, held: Held, now: datetime, reference: str) -> None:
        act = Act(
            kind=ActKind.FREEZE,
            at=now,
            person_id=held.person_id,
            customer_id=held.customer_id,
            facts={"case": reference, "told": held.told, "linked_at": written_time(held.linked_at)},
        )
        self.evidence.keep_act(act, authentication_id=None, now=now)

    def _end(self, held: Held, now: datetime, reference: str) -> None:
        """Everything of the person's, and not only what acts for the company: if it is a stranger, nothing else is theirs either."""
        frozen = LinkFrozen(person_id=held.person_id, customer_id=held.customer_id, told=held.told, reference=reference)
        self.audit.record(frozen, now)
        self._keep(held, now, reference)
        self.grants.revoke_for_person(held.person_id, now, reason="frozen")
        person, on_file = self.people.find(held.person_id), self.contacts.of_customer(held.customer_id)
        if person is None:
            return
        self.end_logins(person, now, reason="frozen")
        if person.contact is not None and on_file is not None:
            payload = {
                "to": person.contact.email.address,
                "customer_name": on_file.customer_name,
                "frozen_at": now.isoformat(),
                "reference": reference,
            }
            self.outbox.put(LINK_FROZEN_KIND, f"{LINK_FROZEN_KIND}:{reference}:{held.person_id}", payload, now)
