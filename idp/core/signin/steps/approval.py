"""Wait for somebody who is linked already to approve: the policy `approve`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from idp.core.audit_log import Audit
from idp.core.budgets import Budgets, Exhausted
from idp.core.ids import new_id
from idp.core.link_events import ApprovalAsked
from idp.core.linking.approval import LIVES, Answer, Approval, Approvals, Deciders, DecidersOf, approval_scopes
from idp.core.linking.limits import person_key
from idp.core.linking.ports import NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson
from idp.core.messages import APPROVAL_ASKED_KIND, Outbox
from idp.core.oidc.errors import ErrorCode
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem, parse_email
from idp.core.people.customer import LinkAssurance
from idp.core.signin.accept_proof import AcceptProof
from idp.core.signin.claimant import account_of, facts_of, identity_of
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions, People
from idp.core.signin.step import Reason


class ReasonForApproval(Reason):
    """Why somebody must approve."""

    SECOND_PERSON = "second_person"


class WaitForApproval:
    """Others are linked to the company, and one of them decides."""

    name: ClassVar[str] = "approval"
    refusal: ClassVar[ErrorCode] = "interaction_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        waits = journey.client.require_customer_link and journey.second_proof is SecondPerson.APPROVE
        return ReasonForApproval.SECOND_PERSON if waits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAsked:
    """Nobody has been asked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMoreRequests:
    """Nobody was asked: there have been too many requests of this person, or to this company."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForApproval:
    """Asks the people of the company, and the contact on file, by e-mail.

    Raises Overtaken when this is not the person's turn, or another request was first.
    """

    approvals: Approvals
    deciders_of: DecidersOf
    budgets: Budgets
    interactions: Interactions
    people: People
    outbox: Outbox
    audit: Audit

    def __call__(self, journey: Journey, typed_email: str, now: datetime) -> Approval | NoMoreRequests | FieldProblem:
        """`typed_email` counts only for a person without an account."""
        linked, account = journey.ongoing.linked, account_of(journey)
        if linked is None or WaitForApproval().pending(journey) is None:
            raise Overtaken
        known = account.contact if account is not None else None
        email = known.email if known is not None else parse_email(typed_email)
        if isinstance(email, FieldProblem):
            return email
        identity = identity_of(journey, self.people)
        approval = Approval(
            id=new_id(now),
            customer_id=linked.customer_id,
            number=linked.number,
            asker_name=journey.name,
            asker_email=email.address,
            asked_at=now,
            expires_at=now + LIVES,
        )
        charged = self.budgets.charge(approval_scopes(person_key(identity), linked.customer_id), now)
        if isinstance(charged, Exhausted):
            return NoMoreRequests(until=charged.until)
        self.interactions.hold(journey.ongoing, now)
        if self.approvals.ask(approval, identity, now):
            self.audit.record(ApprovalAsked(**facts_of(journey), customer_id=linked.customer_id), now)
            self._tell(approval, now)
        return approval

    def _tell(self, approval: Approval, now: datetime) -> None:
        deciders = self.deciders_of.deciders(approval.customer_id)
        for recipient_id, told in _requests(deciders):
            payload = told | {
                "approval_id": approval.id,
                "person_name": approval.asker_name,
                "customer_name": deciders.customer_name,
                "customer_number": approval.number,
                "asked_at": now.isoformat(),
            }
            self.outbox.put(APPROVAL_ASKED_KIND, f"{APPROVAL_ASKED_KIND}:{approval.id}:{recipient_id}", payload, now)


def _requests(deciders: Deciders) -> Iterator[tuple[str, dict[str, Any]]]:
    """Nobody is asked twice."""
    on_file = deciders.contact_on_file
    if on_file is not None:
        yield "contact", {"to": on_file}
    for person_id, address in deciders.colleagues.items():
        if address != on_file:
            yield person_id, {"to": address}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowApproval:
    """Goes on where a request stands, in this login or one that comes days later; an approval is used up as a proof.

    Raises Overtaken when another request was first.
    """

    accept_proof: AcceptProof
    approvals: Approvals
    interactions: Interactions
    people: People
    policy: SecondPerson

    def __call__(self, journey: Journey, now: datetime) -> ProvedNumber | ShutOut | NumberMoved | Approval | NotAsked:
        """At the page of this step."""
        linked = journey.ongoing.linked
        if linked is None or WaitForApproval().pending(journey) is None:
            raise Overtaken
        approval = self.approvals.standing(identity_of(journey, self.people), now, linked.customer_id)
        if approval is None:
            return NotAsked()
        if approval.answer is not Answer.APPROVED:
            return approval
        held = self.interactions.hold(journey.ongoing, now)
        if not self.approvals.use(approval.id, now):
            raise Overtaken
        proved = Proved(
            customer_id=approval.customer_id, number=approval.number, assurance=LinkAssurance.OWNER_APPROVED
        )
        return self.accept_proof(journey, held, proved, now)

    def resume(self, journey: Journey, now: datetime) -> bool:
        """Take a request up that an earlier login left; True when there is one, and its step is next."""
        if self.policy is not SecondPerson.APPROVE or journey.ongoing.linked is not None:
            return False
        approval = self.approvals.standing(identity_of(journey, self.people), now)
        if approval is None or approval.answer is Answer.REFUSED:
            return False
        waiting = ProvedNumber(
            at=now,
            customer_id=approval.customer_id,
            number=approval.number,
            waits_for=SecondPerson.APPROVE,
        )
        self.interactions.record_linked(journey.ongoing, waiting, now)
        return True
