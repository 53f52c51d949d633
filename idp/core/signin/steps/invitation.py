"""Take an invitation, where a company's people are invited only: the policy `invite-only`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.core.linking.invitation import Invitations
from idp.core.linking.ports import NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson
from idp.core.oidc.errors import ErrorCode
from idp.core.signin.accept_proof import AcceptProof
from idp.core.signin.claimant import identity_of
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions, People
from idp.core.signin.step import Reason


class ReasonForInvitation(Reason):
    """Why an invitation is needed."""

    SECOND_PERSON = "second_person"


class BeInvited:
    """Others are linked to the company, and only an invitation lets somebody else in."""

    name: ClassVar[str] = "invitation"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        waits = journey.client.require_customer_link and journey.second_proof is SecondPerson.INVITE_ONLY
        return ReasonForInvitation.SECOND_PERSON if waits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoInvitation:
    """Nothing that this person can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInvitation:
    """Takes an invitation in a login, in place of a number and its digits. Raises Overtaken."""

    accept_proof: AcceptProof
    invitations: Invitations
    interactions: Interactions
    people: People

    def __call__(
        self, journey: Journey, secret: str, now: datetime
    ) -> ProvedNumber | ShutOut | NumberMoved | NoInvitation:
        """`secret` is what the invited person's browser brought from the e-mail."""
        identity = identity_of(journey, self.people)
        found = self.invitations.find(secret, now) or self.invitations.taken_by(secret, identity, now)
        if found is None:
            return NoInvitation()
        held = self.interactions.hold(journey.ongoing, now)
        if not self.invitations.take(found.id, identity, now):
            return NoInvitation()
        proved = Proved(customer_id=found.customer_id, number=found.number, assurance=found.assurance)
        return self.accept_proof(journey, held, proved, now)
