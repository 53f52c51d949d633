from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.budgets import Charged, Exhausted
from idp.core.linking.approval import LIVES, Answer, Approval, Deciders
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem
from idp.core.people.customer import LinkAssurance
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.steps.approval import AskForApproval, FollowApproval, NoMoreRequests, NotAsked, WaitForApproval
from idp_tests.builders import (
    NOW,
    a_contact,
    a_journey,
    a_pending_identity,
    a_person,
    an_identity,
    an_interaction,
    identified,
)
from idp_tests.cases import each
from idp_tests.recorder import Recorder

WAITING = ProvedNumber(at=NOW, customer_id="c1", number="10012345", waits_for=SecondPerson.APPROVE)
PENDING = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
NOBODY_YET = a_journey(session=None, person=None, interaction=PENDING)
SECOND = a_journey(session=None, person=None, interaction=replace(PENDING, linked=WAITING))
MEMBER = a_journey(
    session=None, person=a_person(links=()), interaction=an_interaction(identified=identified(), linked=WAITING)
)
DECIDERS = Deciders(
    customer_name="Bolaget AB",
    contact_on_file="info@bolaget.se",
    colleagues={"p2": "bo@bolaget.se", "p3": "info@bolaget.se"},
)
STANDING = Approval(
    id="a1",
    customer_id="c1",
    number="10012345",
    asker_name="Bo Ek",
    asker_email="bo@example.se",
    asked_at=NOW,
    expires_at=NOW + LIVES,
)
WELL = {
    "people.identity_of": an_identity(),
    "budgets.charge": Charged({}),
    "approvals.ask": True,
    "deciders_of.deciders": DECIDERS,
}


def ports_with(**answers: Any) -> Recorder:
    dotted = {name.replace("__", "."): answer for name, answer in answers.items()}
    hold = {"interactions.hold": lambda interaction, _: replace(interaction, version=7)}
    return Recorder(WELL | hold | dotted)


def ask(ports: Recorder, journey: Journey, email: str = "bo@example.se") -> Any:
    use_case = AskForApproval(
        approvals=ports.port("approvals"),
        deciders_of=ports.port("deciders_of"),
        budgets=ports.port("budgets"),
        interactions=ports.port("interactions"),
        people=ports.port("people"),
        outbox=ports.port("outbox"),
        audit=ports.port("audit"),
    )
    return use_case(journey, email, NOW)


def follower(ports: Recorder, policy: SecondPerson = SecondPerson.APPROVE) -> FollowApproval:
    return FollowApproval(
        accept_proof=ports.function("accept_proof"),  # type: ignore[arg-type]
        approvals=ports.port("approvals"),
        interactions=ports.port("interactions"),
        people=ports.port("people"),
        policy=policy,
    )


def test_the_step_is_needed_while_a_right_claim_waits_for_an_approval() -> None:
    assert WaitForApproval().pending(SECOND) == "second_person"
    assert WaitForApproval().pending(NOBODY_YET) is None
    for other in (None, SecondPerson.CONTACT):
        interaction = replace(PENDING, linked=replace(WAITING, waits_for=other))
        assert WaitForApproval().pending(replace(SECOND, interaction=interaction)) is None


def test_everybody_who_may_decide_is_asked_once_after_the_interaction_was_taken() -> None:
    ports = ports_with()
    answer = ask(ports, SECOND)
    assert ports.names == [
        "budgets.charge",
        "interactions.hold",
        "approvals.ask",
        "audit link.approval_asked",
        "deciders_of.deciders",
        "outbox.put",
        "outbox.put",
    ]
    put = [arguments for name, arguments, _ in ports.calls if name == "outbox.put"]
    assert [(kind, payload["to"], payload["approval_id"]) for kind, _, payload, _ in put] == [
        ("mail.approval_asked", "info@bolaget.se", answer.id),
        ("mail.approval_asked", "bo@bolaget.se", answer.id),
    ]
    asked, identity, _ = ports.arguments("approvals.ask")
    assert (asked.asker_name, asked.asker_email, asked.expires_at) == (
        "Tolvan Tolvansson",
        "bo@example.se",
        NOW + LIVES,
    )
    assert identity == an_identity("191212121212")


def test_an_account_is_answered_at_its_own_address() -> None:
    assert ask(ports_with(), MEMBER, "somebody@else.example").asker_email == a_contact().email.address


def test_who_waits_already_has_nobody_asked_again() -> None:
    ports = ports_with(approvals__ask=False)
    ask(ports, SECOND)
    assert ports.names == ["budgets.charge", "interactions.hold", "approvals.ask"]


def test_too_many_requests_and_an_address_that_is_none_ask_nobody() -> None:
    exhausted = ports_with(budgets__charge=Exhausted({"linking.approval.company_day c1": NOW + timedelta(hours=2)}))
    assert ask(exhausted, SECOND) == NoMoreRequests(until=NOW + timedelta(hours=2))
    malformed = ports_with()
    assert ask(malformed, SECOND, "") is FieldProblem.EMAIL_MISSING
    assert [exhausted.names, malformed.names] == [["budgets.charge"], []]


@each("journey", [NOBODY_YET, a_journey(interaction=an_interaction(identified=identified()))])
def test_nobody_asks_or_follows_out_of_turn(journey: Journey) -> None:
    with pytest.raises(Overtaken):
        ask(ports_with(), journey)
    with pytest.raises(Overtaken):
        follower(ports_with())(journey, NOW)


@each("standing, answer", [(None, NotAsked()), (STANDING, STANDING)])
def test_a_request_is_shown_as_it_stands(standing: Approval | None, answer: object) -> None:
    ports = ports_with(approvals__standing=standing)
    assert follower(ports)(SECOND, NOW) == answer
    assert ports.arguments("approvals.standing") == (an_identity("191212121212"), NOW, "c1")


def test_an_approval_is_used_up_as_a_proof_by_somebody_linked() -> None:
    approved = replace(STANDING, answer=Answer.APPROVED)
    ports = ports_with(approvals__standing=approved, approvals__use=True, accept_proof=WAITING)
    assert follower(ports)(SECOND, NOW) == WAITING
    assert ports.names == ["approvals.standing", "interactions.hold", "approvals.use", "accept_proof"]
    _, held, proved, _ = ports.arguments("accept_proof")
    assert held.version == 7
    assert proved == Proved(customer_id="c1", number="10012345", assurance=LinkAssurance.OWNER_APPROVED)


@each("answers", [{"approvals__use": False}, {"interactions__hold": Overtaken}])
def test_an_approval_that_is_used_or_void_meanwhile_proves_nothing(answers: dict[str, Any]) -> None:
    ports = ports_with(approvals__standing=replace(STANDING, answer=Answer.APPROVED), **answers)
    with pytest.raises(Overtaken):
        follower(ports)(SECOND, NOW)
    assert "accept_proof" not in ports.names


@each("answer, taken", [(Answer.AWAITED, True), (Answer.APPROVED, True), (Answer.REFUSED, False)])
def test_another_login_takes_up_what_is_not_refused(answer: Answer, taken: bool) -> None:
    ports = ports_with(approvals__standing=replace(STANDING, answer=answer))
    assert follower(ports).resume(NOBODY_YET, NOW) is taken
    if taken:
        assert ports.arguments("interactions.record_linked") == (PENDING, WAITING, NOW)


def test_no_other_policy_looks_for_requests() -> None:
    ports = ports_with(approvals__standing=STANDING)
    assert not follower(ports, SecondPerson.NOTIFY).resume(NOBODY_YET, NOW)
    assert not follower(ports).resume(SECOND, NOW)
    assert ports.names == []
