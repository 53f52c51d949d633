"""Open an account: a person who was identified leaves contact details, and is linked to the customer that was proved."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from idp.core.accounts.ports import NewAccount, Numbers, People
from idp.core.audit_log import Audit
from idp.core.events import AccountRegistered
from idp.core.evidence.bundle import Act, ActKind
from idp.core.evidence.ports import Evidence
from idp.core.ids import new_id
from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondProof, SecondProofNeeded
from idp.core.messages import CONFIRM_EMAIL_KIND, Outbox
from idp.core.overtaken import Overtaken
from idp.core.people.contact import Contact
from idp.core.people.person import PendingIdentity, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Whose account, and what belongs to it."""

    who: PendingIdentity | Person
    authentication_id: str
    """Of the identification that says who it is."""
    contact: Contact
    proved: Proved | None
    """None for a person who is linked already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The account has contact details and its link, now or since another request that was first."""

    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The account was made, and blocked, since this person was identified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """Makes or completes an account together with its link: there is never the one without the other.

    Raises Overtaken when an account with the same identity was made meanwhile; then nothing of it may stand.
    """

    people: People
    numbers: Numbers
    second_proof: SecondProof
    link_person: LinkPerson
    outbox: Outbox
    evidence: Evidence
    audit: Audit

    def __call__(self, opening: Opening, now: datetime) -> Opened | Blocked | ShutOut | NumberMoved | SecondProofNeeded:
        match opening.who:
            case PendingIdentity(identity=identity):
                account = self.people.find_by_identity(identity)
            case Person() as person:
                account = person
            case _:
                assert_never(opening.who)
        if account is None:
            return self._make(opening, now)
        return Blocked() if account.is_blocked else self._complete(account.id, opening, now)

    def _make(self, opening: Opening, now: datetime) -> Opened | NumberMoved | SecondProofNeeded:
        """The customer and the number first, which stay as they are until the end, and so does the link that needs the account."""
        proved, person_id = opening.proved, new_id(now)
        needed = self.second_proof(None, proved) if proved is not None else None
        if needed is not None:
            return needed
        if proved is not None and not self.numbers.hold(proved.number, proved.customer_id):
            return NumberMoved()
        self._register(person_id, opening, now)
        if proved is not None and self._link(person_id, opening, proved, now) != Linked():
            raise Overtaken
        return Opened(person_id=person_id)

    def _complete(
        self, person_id: str, opening: Opening, now: datetime
    ) -> Opened | ShutOut | NumberMoved | SecondProofNeeded:
        outcome = self._link(person_id, opening, opening.proved, now) if opening.proved is not None else AlreadyLinked()
        match outcome:
            case ShutOut() | NumberMoved() | SecondProofNeeded():
                return outcome
            case Linked() | AlreadyLinked():
                self._register(person_id, opening, now)
                return Opened(person_id=person_id)
            case _:
                assert_never(outcome)

    def _link(
        self, person_id: str, opening: Opening, proved: Proved, now: datetime
    ) -> Linked | AlreadyLinked | ShutOut | NumberMoved | SecondProofNeeded:
        return self.link_person(person_id, proved, now, authentication_id=opening.authentication_id)

    def _register(self, person_id: str, opening: Opening, now: datetime) -> None:
        registration = NewAccount(
            person_id=person_id,
            newcomer=opening.who if isinstance(opening.who, PendingIdentity) else None,
            contact=opening.contact,
            authentication_id=opening.authentication_id,
        )
        if self.people.register(registration, now):
            registered = AccountRegistered(person_id=person_id, authentication_id=opening.authentication_id)
            self.audit.record(registered, now)
            act = Act(kind=ActKind.REGISTRATION, at=now, person_id=person_id)
            self.evidence.keep_act(act, authentication_id=opening.authentication_id, now=now)
            self._welcome(person_id, opening.contact, now)

    def _welcome(self, person_id: str, contact: Contact, now: datetime) -> None:
        """An e-mail, by which the person confirms the address."""
        welcome = {
            "to": contact.email.address,
            "name": contact.name,
            "person_id": person_id,
            "registered_at": now.isoformat(),
        }
        self.outbox.put(CONFIRM_EMAIL_KIND, f"{CONFIRM_EMAIL_KIND}:{person_id}", welcome, now)
