"""Prove an old customer number ("Logga in med era gamla inloggningsuppgifter")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, assert_never

from idp.core.audit_log import Audit
from idp.core.events import LinkPaused
from idp.core.identification.caller_address import CallerAddress
from idp.core.link_events import LinkingAlarm
from idp.core.linking.attempts import Attempts, Claimant
from idp.core.linking.ports import NumberMoved, ShutOut
from idp.core.linking.prove_claim import (
    CompanyPaused,
    Mismatch,
    PersonPaused,
    ProveClaim,
    Proved,
    WholeNumberNeeded,
)
from idp.core.oidc.errors import ErrorCode
from idp.core.people.contact import FieldProblems
from idp.core.signin.accept_proof import AcceptProof
from idp.core.signin.claimant import account_of, claimant_of, facts_of, note_refused
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.next_step import RequiredStep
from idp.core.signin.ports import Interactions, People
from idp.core.signin.step import Reason


class ReasonToLink(Reason):
    """Why a customer number is asked for."""

    UNKNOWN_PERSON = "unknown_person"
    NEW_CUSTOMER = "new_customer"
    """The person has a company, and is to link one more."""


class LinkCustomer:
    """The client serves customers, and nobody knows yet which one this person belongs to; or one more is asked for."""

    name: ClassVar[str] = "link"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        """Not while a claim was right and another step asks for more."""
        if _is_with_another_step(journey):
            return None
        if journey.client.require_customer_link and not journey.is_proved_linked:
            return ReasonToLink.UNKNOWN_PERSON
        return ReasonToLink.NEW_CUSTOMER if journey.new_customer_wanted_at is not None else None


ClaimAnswer = (
    ProvedNumber | ShutOut | NumberMoved | Mismatch | WholeNumberNeeded | PersonPaused | CompanyPaused | FieldProblems
)


def is_open(journey: Journey, required: RequiredStep | None) -> bool:
    """At its turn, and as long as another company can be proved instead: until the account exists."""
    if required is None or required.step.identifies:
        return False
    if required.step.name == LinkCustomer.name:
        return True
    if not journey.is_proved_linked or journey.new_customer_wanted_at is not None:
        return _is_with_another_step(journey)
    return journey.ongoing.linked is not None and account_of(journey) is None


def _is_with_another_step(journey: Journey) -> bool:
    interaction = journey.interaction
    return journey.second_proof is not None or (interaction is not None and interaction.contact_code is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCustomer:
    """Checks one try, and has a true one accepted.

    The try is charged before it is judged; of a true one the interaction comes first, then what the link's own statement
    says. Raises Overtaken; then neither the try nor the link stands.
    """

    prove: ProveClaim
    attempts: Attempts
    accept_proof: AcceptProof
    people: People
    interactions: Interactions
    audit: Audit

    def __call__(
        self, journey: Journey, form: Mapping[str, str], address: CallerAddress, now: datetime, *, reference: str
    ) -> ClaimAnswer:
        claimant = claimant_of(journey, self.people, address, reference)
        answer = self.prove(form, claimant, now, whole_number_only=journey.needs_second_proof)
        match answer:
            case Proved():
                return self._proved(journey, answer, now)
            case Mismatch(alarms=alarms):
                guess = self._guess(claimant)
                note_refused(journey, self.audit, now, **guess)
                for alarm in sorted(alarms):
                    self.audit.record(LinkingAlarm(alarm=alarm.value, **guess), now)
            case PersonPaused() | CompanyPaused():
                self.audit.record(LinkPaused(**facts_of(journey), **self._guess(claimant)), now)
            case WholeNumberNeeded() | FieldProblems():
                pass
            case _:
                assert_never(answer)
        return answer

    def _guess(self, claimant: Claimant) -> dict[str, str]:
        return {"guesser": self.attempts.pseudonym(claimant.identity), "reference": claimant.reference}

    def _proved(self, journey: Journey, proved: Proved, now: datetime) -> ProvedNumber | ShutOut | NumberMoved:
        return self.accept_proof(journey, self.interactions.hold(journey.ongoing, now), proved, now)
