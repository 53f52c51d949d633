from dataclasses import replace
from typing import Any

import pytest

from idp.core.accounts.open_account import Blocked, OpenAccount, Opened, Opening
from idp.core.accounts.ports import NewAccount
from idp.core.events import AccountRegistered
from idp.core.evidence.bundle import Act, ActKind
from idp.core.linking.ports import AlreadyLinked, Linked, NumberMoved, ShutOut
from idp.core.linking.prove_claim import Proved
from idp.core.linking.second_person import SecondPerson, SecondProofNeeded
from idp.core.overtaken import Overtaken
from idp_tests.builders import NOW, a_contact, a_pending_identity, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROVED = Proved(customer_id="c1", number="10012345")
NEWCOMER = Opening(who=a_pending_identity(), authentication_id="a7", contact=a_contact(), proved=PROVED)
NEEDED = SecondProofNeeded(policy=SecondPerson.CONTACT)
KNOWN = replace(NEWCOMER, who=a_person(contact=None, registered_at=None, links=()))
ALL_WELL = {"numbers.hold": True, "people.register": True, "link_person": Linked()}


def open_account(ports: Recorder, opening: Opening = NEWCOMER) -> Any:
    use_case = OpenAccount(
        people=ports.port("people"),
        numbers=ports.port("numbers"),
        second_proof=ports.function("second_proof"),  # type: ignore[arg-type]
        link_person=ports.function("link_person"),  # type: ignore[arg-type]
        outbox=ports.port("outbox"),
        evidence=ports.port("evidence"),
        audit=ports.port("audit"),
    )
    return use_case(opening, NOW)


def test_a_newcomer_gets_an_account_while_the_number_stays_as_it_was_proved() -> None:
    ports = Recorder(ALL_WELL)
    answer = open_account(ports)
    assert ports.names == [
        "people.find_by_identity",
        "second_proof",
        "numbers.hold",
        "people.register",
        "audit account.registered",
        "evidence.keep_act",
        "outbox.put",
        "link_person",
    ]
    registered = NewAccount(
        person_id=answer.person_id, newcomer=a_pending_identity(), contact=a_contact(), authentication_id="a7"
    )
    assert ports.arguments("people.register") == (registered, NOW)
    assert ports.arguments("numbers.hold") == ("10012345", "c1")
    assert ports.arguments("link_person") == (answer.person_id, PROVED, NOW)
    assert ports.arguments("evidence.keep_act") == (Act(kind=ActKind.REGISTRATION, at=NOW, person_id=answer.person_id),)
    assert ports.event(AccountRegistered) == AccountRegistered(person_id=answer.person_id, authentication_id="a7")


def test_a_new_account_is_welcomed_once_at_the_address_that_was_given() -> None:
    ports = Recorder(ALL_WELL)
    answer = open_account(ports)
    welcome = {
        "to": a_contact().email.address,
        "name": a_contact().name,
        "person_id": answer.person_id,
        "registered_at": NOW.isoformat(),
    }
    assert ports.arguments("outbox.put") == (
        "mail.confirm_email",
        f"mail.confirm_email:{answer.person_id}",
        welcome,
        NOW,
    )


def test_a_number_that_has_moved_makes_no_account() -> None:
    ports = Recorder({**ALL_WELL, "numbers.hold": False})
    assert open_account(ports) == NumberMoved()
    assert ports.names == ["people.find_by_identity", "second_proof", "numbers.hold"]


def test_a_newcomer_whose_company_got_its_first_user_meanwhile_gets_nothing_written() -> None:
    ports = Recorder({**ALL_WELL, "second_proof": NEEDED})
    assert open_account(ports) == NEEDED
    assert ports.names == ["people.find_by_identity", "second_proof"]


@each("outcome", [ShutOut(), NumberMoved(), AlreadyLinked()])
def test_an_account_without_its_link_may_not_stand(outcome: object) -> None:
    with pytest.raises(Overtaken):
        open_account(Recorder({**ALL_WELL, "link_person": outcome}))


@each("outcome", [Linked(), AlreadyLinked()])
def test_a_known_person_is_linked_and_completed(outcome: object) -> None:
    ports = Recorder({**ALL_WELL, "link_person": outcome})
    assert open_account(ports, KNOWN) == Opened(person_id="p1")
    assert ports.names == [
        "link_person",
        "people.register",
        "audit account.registered",
        "evidence.keep_act",
        "outbox.put",
    ]
    assert ports.arguments("people.register")[0].newcomer is None


@each("outcome", [ShutOut(), NumberMoved(), NEEDED])
def test_a_known_person_whose_company_does_not_open_gets_nothing_written(outcome: object) -> None:
    ports = Recorder({**ALL_WELL, "link_person": outcome})
    assert open_account(ports, KNOWN) == outcome
    assert ports.names == ["link_person"]


def test_a_person_who_is_linked_already_is_completed() -> None:
    ports = Recorder(ALL_WELL)
    assert open_account(ports, replace(KNOWN, proved=None)) == Opened(person_id="p1")
    assert ports.names == ["people.register", "audit account.registered", "evidence.keep_act", "outbox.put"]


def test_an_account_that_another_request_opened_is_told_of_and_welcomed_once() -> None:
    ports = Recorder({**ALL_WELL, "people.find_by_identity": a_person(id="p7"), "people.register": False})
    assert open_account(ports) == Opened(person_id="p7")
    assert ports.names == ["people.find_by_identity", "link_person", "people.register"]


def test_an_account_that_was_blocked_meanwhile_gets_nothing_written() -> None:
    ports = Recorder({**ALL_WELL, "people.find_by_identity": a_person(blocked_at=NOW)})
    assert open_account(ports) == Blocked()
    assert ports.names == ["people.find_by_identity"]


def test_an_account_of_the_same_identity_made_meanwhile_is_a_lost_race() -> None:
    ports = Recorder({**ALL_WELL, "people.register": Overtaken})
    with pytest.raises(Overtaken):
        open_account(ports)
    assert ports.names[-1] == "people.register"
