from dataclasses import replace
from typing import Any

import pytest

from idp.core.oidc.logout import SignedIn
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem, FieldProblems
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.steps.register import Blocked, OpenAccount, Opened
from idp_tests.builders import NOW, a_journey, a_pending_identity, a_person, a_session, an_interaction, identified
from idp_tests.recorder import Recorder

FORM = {"name": "Anna Svensson", "phone": "070-174 06 05", "email": "anna@example.se"}
PROVED = an_interaction(
    identified=identified(person_id=None, pending=a_pending_identity(), authentication_id="a7"),
    linked=ProvedNumber(at=NOW, customer_id="c1", number="10012345"),
)
NEWCOMER = a_journey(session=None, interaction=PROVED)


def open_account(ports: Recorder, journey: Journey = NEWCOMER, form: dict[str, str] = FORM) -> Any:
    use_case = OpenAccount(
        people=ports.port("people"),
        interactions=ports.port("interactions"),
        end_session=ports.function("end_session"),
        audit=ports.port("audit"),
    )
    return use_case(journey, form, NOW)


def test_the_comparison_comes_first_and_the_account_after_it() -> None:
    ports = Recorder()
    answer = open_account(ports)
    assert isinstance(answer, Opened)
    assert ports.names == [
        "people.find_by_identity",
        "interactions.record_registered",
        "people.register",
        "audit account.registered",
    ]
    registration, _ = ports.arguments("people.register")
    assert ports.arguments("interactions.record_registered")[1] == registration.person_id == answer.person_id
    assert registration.newcomer == a_pending_identity()
    assert (registration.customer_id, registration.customer_number) == ("c1", "10012345")
    assert registration.authentication_id == "a7"
    assert registration.contact.email.address == "anna@example.se"
    assert "Tolvan" not in repr(registration)


def test_an_account_that_was_made_in_another_browser_is_the_same_one() -> None:
    ports = Recorder({"people.find_by_identity": a_person(id="p7")})
    assert open_account(ports) == Opened(person_id="p7")
    assert ports.arguments("people.register")[0].person_id == "p7"


def test_an_account_that_was_blocked_meanwhile_gets_nothing_written() -> None:
    ports = Recorder({"people.find_by_identity": a_person(blocked_at=NOW)})
    assert open_account(ports) == Blocked()
    assert ports.names == ["people.find_by_identity"]


def test_a_known_person_without_contact_details_is_completed() -> None:
    person = a_person(contact=None, registered_at=None, links=())
    interaction = replace(PROVED, identified=identified())
    ports = Recorder()
    assert open_account(ports, a_journey(session=None, person=person, interaction=interaction)) == Opened(
        person_id="p1"
    )
    registration = ports.arguments("people.register")[0]
    assert (registration.person_id, registration.newcomer) == ("p1", None)


def test_the_session_that_stood_before_ends_because_the_person_logs_in_again() -> None:
    ports = Recorder()
    open_account(ports, replace(NEWCOMER, session=a_session()))
    assert ports.arguments("end_session")[0] == SignedIn(session_id="s1", person=a_person())
    assert ports.names.index("people.register") < ports.names.index("end_session")


def test_what_is_wrong_with_the_form_is_said_and_nothing_is_written() -> None:
    ports = Recorder()
    assert open_account(ports, form={**FORM, "email": ""}) == FieldProblems({"email": FieldProblem.EMAIL_MISSING})
    assert ports.names == []


@pytest.mark.parametrize(
    "interaction", [an_interaction(), replace(PROVED, linked=None), replace(PROVED, identified=None)]
)
def test_nobody_registers_out_of_turn(interaction: Any) -> None:
    ports = Recorder()
    with pytest.raises(Overtaken):
        open_account(ports, a_journey(session=None, interaction=interaction))
    assert ports.names == []


@pytest.mark.parametrize("lost", ["interactions.record_registered", "people.register"])
def test_a_lost_race_ends_no_session_and_tells_nothing(lost: str) -> None:
    ports = Recorder({lost: Overtaken})
    with pytest.raises(Overtaken):
        open_account(ports, replace(NEWCOMER, session=a_session()))
    assert ports.names[-1] == lost
