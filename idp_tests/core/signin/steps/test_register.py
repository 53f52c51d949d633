from dataclasses import replace
from typing import Any

import pytest

from idp.core.accounts.open_account import Blocked, Opened
from idp.core.linking.ports import NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson, SecondProofNeeded
from idp.core.oidc.logout.end_session import SignedIn
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem, FieldProblems
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.steps.register import SubmitContact
from idp_tests.builders import NOW, a_journey, a_pending_identity, a_person, a_session, an_interaction, identified
from idp_tests.cases import each
from idp_tests.recorder import Recorder

FORM = {"name": "Anna Svensson", "phone": "070-174 06 05", "email": "anna@example.se"}
PROVED = an_interaction(
    identified=identified(person_id=None, pending=a_pending_identity(), authentication_id="a7"),
    linked=ProvedNumber(at=NOW, customer_id="c1", number="10012345"),
)
NEWCOMER = a_journey(session=None, interaction=PROVED)
HELD = replace(PROVED, version=PROVED.version + 1)
OPENED = Opened(person_id="p7")


def submit(ports: Recorder, journey: Journey = NEWCOMER, form: dict[str, str] = FORM) -> Any:
    ports.answers.setdefault("interactions.hold", HELD)
    use_case = SubmitContact(
        open_account=ports.function("open_account"),  # type: ignore[arg-type]
        interactions=ports.port("interactions"),
        end_session=ports.function("end_session"),
    )
    return use_case(journey, form, NOW)


def test_the_interaction_is_held_then_the_account_is_opened_with_what_it_knows_and_recorded_in_it() -> None:
    ports = Recorder({"open_account": OPENED})
    assert submit(ports) == OPENED
    assert ports.names == ["interactions.hold", "open_account", "interactions.record_registered"]
    assert ports.arguments("interactions.hold") == (PROVED, NOW)
    opening, _ = ports.arguments("open_account")
    assert (opening.who, opening.authentication_id) == (a_pending_identity(), "a7")
    assert opening.proved == Proved(customer_id="c1", number="10012345")
    assert opening.contact.email.address == "anna@example.se"
    assert "Tolvan" not in repr(opening)
    assert ports.arguments("interactions.record_registered") == (HELD, "p7", NOW)


def test_a_known_person_without_contact_details_is_completed() -> None:
    person = a_person(contact=None, registered_at=None)
    interaction = replace(PROVED, identified=identified(), linked=None)
    ports = Recorder({"open_account": OPENED})
    submit(ports, a_journey(session=None, person=person, interaction=interaction))
    opening, _ = ports.arguments("open_account")
    assert (opening.who, opening.proved) == (person, None)


def test_the_session_that_stood_before_ends_because_the_person_logs_in_again() -> None:
    ports = Recorder({"open_account": OPENED})
    submit(ports, replace(NEWCOMER, session=a_session()))
    assert ports.names == ["interactions.hold", "open_account", "interactions.record_registered", "end_session"]
    assert ports.arguments("end_session")[0] == SignedIn(session_id="s1", person=a_person())


@each("refusal", [ShutOut(), NumberMoved()])
def test_what_does_not_open_any_more_is_forgotten_so_that_another_company_may_be_proved(refusal: object) -> None:
    ports = Recorder({"open_account": refusal})
    assert submit(ports, replace(NEWCOMER, session=a_session())) == refusal
    assert ports.names == ["interactions.hold", "open_account", "interactions.record_linked"]
    assert ports.arguments("interactions.record_linked") == (HELD, None, NOW)


def test_what_was_proved_waits_when_somebody_else_was_first_in_the_company_meanwhile() -> None:
    ports = Recorder({"open_account": SecondProofNeeded(policy=SecondPerson.CONTACT)})
    submit(ports)
    assert NEWCOMER.ongoing.linked is not None
    waiting = replace(NEWCOMER.ongoing.linked, waits_for=SecondPerson.CONTACT)
    assert ports.arguments("interactions.record_linked") == (HELD, waiting, NOW)


def test_a_blocked_account_records_nothing_in_the_interaction() -> None:
    ports = Recorder({"open_account": Blocked()})
    assert submit(ports) == Blocked()
    assert ports.names == ["interactions.hold", "open_account"]


def test_what_is_wrong_with_the_form_is_said_and_nothing_is_written() -> None:
    ports = Recorder()
    assert submit(ports, form={**FORM, "email": ""}) == FieldProblems({"email": FieldProblem.EMAIL_MISSING})
    assert ports.names == []


def test_a_person_with_a_session_from_a_service_without_companies_registers_after_that_login() -> None:
    person = a_person(contact=None, registered_at=None, links=())
    session = a_session(person=person)
    ports = Recorder({"open_account": OPENED})
    submit(ports, a_journey(session=session, person=person, interaction=replace(PROVED, identified=None)))
    opening, _ = ports.arguments("open_account")
    assert (opening.who, opening.authentication_id) == (person, session.authentication.id)
    assert ports.names[-1] == "end_session", "the person logs in again"


@pytest.mark.parametrize(
    "interaction", [an_interaction(), replace(PROVED, linked=None), replace(PROVED, identified=None)]
)
def test_nobody_registers_out_of_turn(interaction: Any) -> None:
    ports = Recorder()
    with pytest.raises(Overtaken):
        submit(ports, a_journey(session=None, interaction=interaction))
    assert ports.names == []


@pytest.mark.parametrize("lost", ["interactions.hold", "open_account"])
def test_after_a_lost_race_nothing_more_is_written(lost: str) -> None:
    ports = Recorder({"open_account": OPENED, lost: Overtaken})
    with pytest.raises(Overtaken):
        submit(ports, replace(NEWCOMER, session=a_session()))
    assert ports.names[-1] == lost
