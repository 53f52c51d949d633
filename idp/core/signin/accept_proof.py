"""Accept a proof that a person belongs to a customer, whichever step it comes from."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from idp.core.audit_log import Audit
from idp.core.events import LinkProved
from idp.core.link_events import SecondProofWanted
from idp.core.linking.link_person import LinkPerson
from idp.core.linking.ports import AlreadyLinked, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondProof, SecondProofNeeded
from idp.core.signin.claimant import account_of, facts_of, note_refused
from idp.core.signin.interaction import Interaction, ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptProof:
    """Links an account at once, otherwise registration will; a proof that does not suffice waits for another.

    `held` is the interaction, taken by the caller before anything else was written.
    """

    second_proof: SecondProof
    link_person: LinkPerson
    interactions: Interactions
    audit: Audit

    def __call__(
        self, journey: Journey, held: Interaction, proved: Proved, now: datetime
    ) -> ProvedNumber | ShutOut | NumberMoved:
        account = account_of(journey)
        outcome = (
            self.link_person(account.id, proved, now, authentication_id=journey.authentication_id)
            if account is not None
            else self.second_proof(journey.person_id, proved)
        )
        match outcome:
            case ShutOut():
                return outcome
            case NumberMoved():
                note_refused(journey, self.audit, now)
                return outcome
            case SecondProofNeeded():
                return self._record(journey, held, proved, outcome, now)
            case Linked() | AlreadyLinked() | None:
                return self._record(journey, held, proved, None, now)
            case _:
                assert_never(outcome)

    def _record(
        self, journey: Journey, held: Interaction, proved: Proved, needed: SecondProofNeeded | None, now: datetime
    ) -> ProvedNumber:
        recorded = ProvedNumber(
            at=now,
            customer_id=proved.customer_id,
            number=proved.number,
            assurance=proved.assurance,
            waits_for=needed.policy if needed is not None else None,
        )
        self.interactions.record_linked(held, recorded, now)
        facts = facts_of(journey) | {"customer_id": proved.customer_id}
        event = LinkProved(**facts) if needed is None else SecondProofWanted(**facts, policy=needed.policy.value)
        self.audit.record(event, now)
        return recorded
