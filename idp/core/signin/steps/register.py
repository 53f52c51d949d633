"""Create the user account: name, phone and e-mail ("Skapa användarkonto")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.core.audit import Audit
from idp.core.events import AccountRegistered
from idp.core.ids import new_id
from idp.core.oidc.errors import ErrorCode
from idp.core.oidc.logout import SignedIn
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblems, parse_contact
from idp.core.people.person import LinkAssurance
from idp.core.signin.journey import Journey
from idp.core.signin.ports import EndSession, Interactions, People, Registration
from idp.core.signin.step import Reason


class ReasonToRegister(Reason):
    """Why somebody must register."""

    NO_CONTACT_DETAILS = "no_contact_details"


class Register:
    """The client serves customers, and this person has no account, or one without contact details."""

    name: ClassVar[str] = "register"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        if not journey.client.require_customer_link:
            return None
        has_account = journey.person is not None and journey.person.contact is not None
        return None if has_account else ReasonToRegister.NO_CONTACT_DETAILS


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The account is there; the person logs in again."""

    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The account was made, and blocked, in another browser since this one identified its person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    """Makes the account, once: person, contact, link and notices. A session that stood before ends.

    Raises Overtaken, also when this is not the person's turn: the dispatcher knows where the person is.
    """

    people: People
    interactions: Interactions
    end_session: EndSession
    audit: Audit

    def __call__(self, journey: Journey, form: Mapping[str, str], now: datetime) -> Opened | Blocked | FieldProblems:
        interaction, linked = journey.ongoing, journey.ongoing.linked
        identified = interaction.identified
        if identified is None or not journey.is_proved_linked:
            raise Overtaken
        contact = parse_contact(form)
        if isinstance(contact, FieldProblems):
            return contact
        newcomer = identified.pending
        account = self.people.find_by_identity(newcomer.identity) if newcomer is not None else journey.person
        if account is not None and account.is_blocked:
            return Blocked()
        person_id = account.id if account is not None else new_id(now)
        self.interactions.record_registered(interaction, person_id, now)
        registration = Registration(
            person_id=person_id,
            newcomer=newcomer,
            contact=contact,
            customer_id=linked.customer_id if linked else None,
            customer_number=linked.number if linked else None,
            assurance=LinkAssurance.LEGACY_KNOWLEDGE,
            authentication_id=identified.authentication_id,
        )
        self.people.register(registration, now)
        self._end_session(journey, now)
        self.audit.record(AccountRegistered(person_id=person_id, interaction_id=interaction.id), now)
        return Opened(person_id=person_id)

    def _end_session(self, journey: Journey, now: datetime) -> None:
        session = journey.session
        if session is not None:
            self.end_session(SignedIn(session_id=session.id, person=session.person), now, reason="registered")
