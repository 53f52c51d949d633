"""Prove an old customer number ("Logga in med era gamla inloggningsuppgifter")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, assert_never

from idp.core.audit_log import Audit
from idp.core.events import LinkPaused, LinkProved, LinkRefused
from idp.core.identification.caller_address import CallerAddress
from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import (
    CompanyPaused,
    Mismatch,
    PersonPaused,
    ProveClaim,
    Proved,
    WholeNumberNeeded,
)
from idp.core.oidc.errors import ErrorCode
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblems
from idp.core.people.identity import Identity
from idp.core.people.person import Person
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.next_step import RequiredStep
from idp.core.signin.ports import Interactions, People
from idp.core.signin.step import Reason


class ReasonToLink(Reason):
    """Why a customer number is asked for."""

    UNKNOWN_PERSON = "unknown_person"


class LinkCustomer:
    """The client serves customers, and nobody knows yet which one this person belongs to."""

    name: ClassVar[str] = "link"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        needed = journey.client.require_customer_link and not journey.is_proved_linked
        return ReasonToLink.UNKNOWN_PERSON if needed else None


ClaimAnswer = (
    ProvedNumber | ShutOut | NumberMoved | Mismatch | WholeNumberNeeded | PersonPaused | CompanyPaused | FieldProblems
)


def is_open(journey: Journey, required: RequiredStep | None) -> bool:
    """At its turn, and as long as another company can be proved instead: until the account exists."""
    if required is None or required.step.identifies:
        return False
    is_proved = journey.ongoing.linked is not None
    return required.step.name == LinkCustomer.name or (is_proved and _account(journey) is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCustomer:
    """Checks one try and records a true one: an account is linked at once, otherwise registration will link it.

    The try is charged before it is judged; of a true one the interaction comes first, then what the link's own statement
    says. Raises Overtaken; then neither the try nor the link stands.
    """

    prove: ProveClaim
    link_person: LinkPerson
    people: People
    interactions: Interactions
    audit: Audit

    def __call__(self, journey: Journey, form: Mapping[str, str], address: CallerAddress, now: datetime) -> ClaimAnswer:
        answer = self.prove(
            form, self._identity(journey), address.networks, now, whole_number_only=journey.needs_second_proof
        )
        match answer:
            case Proved():
                return self._proved(journey, answer, now)
            case Mismatch():
                self._note_refused(journey, now)
            case PersonPaused() | CompanyPaused():
                self.audit.record(LinkPaused(**_facts(journey)), now)
            case WholeNumberNeeded() | FieldProblems():
                pass
            case _:
                assert_never(answer)
        return answer

    def _identity(self, journey: Journey) -> Identity:
        """By which the person is counted; the port keeps it as a keyed hash only."""
        identified = journey.ongoing.identified
        if identified is not None and identified.pending is not None:
            return identified.pending.identity
        if journey.person is None:
            raise Overtaken
        return self.people.identity_of(journey.person.id)

    def _proved(self, journey: Journey, proved: Proved, now: datetime) -> ProvedNumber | ShutOut | NumberMoved:
        account, interaction, outcome = _account(journey), journey.ongoing, None
        if account is not None:
            interaction = self.interactions.hold(interaction, now)
            outcome = self.link_person(account.id, proved, now)
        match outcome:
            case ShutOut():
                return outcome
            case NumberMoved():
                self._note_refused(journey, now)
                return outcome
            case Linked() | AlreadyLinked() | None:
                recorded = ProvedNumber(
                    at=now, customer_id=proved.customer_id, number=proved.number, assurance=proved.assurance
                )
                self.interactions.record_linked(interaction, recorded, now)
                self.audit.record(LinkProved(**_facts(journey), customer_id=proved.customer_id), now)
                return recorded
            case _:
                assert_never(outcome)

    def _note_refused(self, journey: Journey, now: datetime) -> None:
        self.audit.record(LinkRefused(**_facts(journey)), now)


def _facts(journey: Journey) -> dict[str, Any]:
    """Who tried, for which client, in which login."""
    return {
        "person_id": journey.person_id,
        "client_id": journey.client.client_id,
        "interaction_id": journey.ongoing.id,
    }


def _account(journey: Journey) -> Person | None:
    """The person, when registered."""
    person = journey.person
    return person if person is not None and person.contact is not None else None
