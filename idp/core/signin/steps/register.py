"""Create the user account: name, phone and e-mail ("Skapa användarkonto")."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, assert_never

from idp.core.accounts.open_account import Blocked, OpenAccount, Opened, Opening
from idp.core.linking.ports import NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondProofNeeded
from idp.core.oidc.errors import ErrorCode
from idp.core.oidc.logout.end_session import SignedIn
from idp.core.overtaken import Overtaken
from idp.core.people.contact import Contact, FieldProblems, parse_contact
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.ports import EndSession, Interactions
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
class SubmitContact:
    """Opens the account of the person at this page. A session that stood before ends: the person logs in again.

    What was proved is forgotten when it opens nothing, and another company may be proved; it waits for more when somebody
    else was first in the company meanwhile. Raises Overtaken, also when
    this is not the person's turn, before anything is written; and when the account was made meanwhile.
    """

    open_account: OpenAccount
    interactions: Interactions
    end_session: EndSession

    def __call__(
        self, journey: Journey, form: Mapping[str, str], now: datetime
    ) -> Opened | Blocked | ShutOut | NumberMoved | SecondProofNeeded | FieldProblems:
        contact = parse_contact(form)
        if isinstance(contact, FieldProblems):
            return contact
        opening = _opening(journey, contact)
        held = self.interactions.hold(journey.ongoing, now)
        answer = self.open_account(opening, now)
        match answer:
            case Opened():
                self.interactions.record_registered(held, answer.person_id, now)
                self._end_session(journey, now)
            case ShutOut() | NumberMoved():
                self.interactions.record_linked(held, None, now)
            case SecondProofNeeded(policy=policy):
                waiting = replace(journey.ongoing.linked, waits_for=policy) if journey.ongoing.linked else None
                self.interactions.record_linked(held, waiting, now)
            case Blocked():
                pass
            case _:
                assert_never(answer)
        return answer

    def _end_session(self, journey: Journey, now: datetime) -> None:
        session = journey.session
        if session is not None:
            self.end_session(SignedIn(session_id=session.id, person=session.person), now, reason="registered")


def _opening(journey: Journey, contact: Contact) -> Opening:
    """Raises Overtaken while nobody is identified, or nothing is proved.

    Where a service that needs no company gave the person a session, that login is the one that the account is made after.
    """
    identified, session, linked = journey.ongoing.identified, journey.session, journey.ongoing.linked
    login = identified.authentication_id if identified else session.authentication.id if session else None
    who = (identified.pending if identified else None) or journey.person
    if login is None or who is None or not journey.is_proved_linked:
        raise Overtaken
    return Opening(
        who=who,
        authentication_id=login,
        contact=contact,
        proved=_proved(linked) if linked is not None else None,
    )


def _proved(linked: ProvedNumber) -> Proved:
    return Proved(customer_id=linked.customer_id, number=linked.number, assurance=linked.assurance)
