from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from idp.core.events import LinkRefused
from idp.core.identification.caller_address import KnownAddress
from idp.core.identification.verdict import Verdict
from idp.core.link_events import LinkingAlarm
from idp.core.linking.contact_code import ContactCode
from idp.core.linking.limits import Alarm
from idp.core.linking.prove_claim import CompanyPaused, Mismatch, PersonPaused, Proved, WholeNumberNeeded
from idp.core.linking.second_person import SecondPerson
from idp.core.overtaken import Overtaken
from idp.core.people.contact import FieldProblem, FieldProblems
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import NEW_CUSTOMER, Journey
from idp.core.signin.next_step import RequiredStep
from idp.core.signin.step import Reason, Step
from idp.core.signin.steps.choose_customer import ChooseCustomer
from idp.core.signin.steps.contact_code import BringContactCode
from idp.core.signin.steps.link_customer import ClaimCustomer, LinkCustomer, ReasonToLink, is_open
from idp.core.signin.steps.log_in import LogIn
from idp.core.signin.steps.register import Register
from idp.core.signin.steps.sign_in_again import SignInAgain
from idp_tests.builders import (
    NOW,
    a_claimant,
    a_customer,
    a_journey,
    a_pending_identity,
    a_person,
    an_identity,
    an_interaction,
    identified,
)
from idp_tests.cases import each
from idp_tests.recorder import Recorder

FORM = {"customer_number": "10012345", "last_four": "0680"}
PROVED = Proved(customer_id="c1", number="10012345")
ADDRESS = KnownAddress(ip_address("192.0.2.7"))
LINKED = ProvedNumber(at=NOW, customer_id="c1", number="10012345")
PENDING = an_interaction(identified=identified(person_id=None, pending=a_pending_identity()))
NEWCOMER = a_journey(session=None, interaction=PENDING)
MEMBER = a_journey(session=None, person=a_person(links=()), interaction=an_interaction(identified=identified()))


WAITING = replace(LINKED, waits_for=SecondPerson.CONTACT)
CODE = ContactCode(customer_id="c1", number="10012345", digest="00", expires_at=NOW)


def claim(ports: Recorder, journey: Journey) -> Any:
    ports.answers.setdefault("interactions.hold", lambda interaction, _: replace(interaction, version=7))
    ports.answers.setdefault("attempts.pseudonym", "01aa")
    use_case = ClaimCustomer(
        prove=ports.function("prove"),  # type: ignore[arg-type]
        attempts=ports.port("attempts"),
        accept_proof=ports.function("accept_proof"),  # type: ignore[arg-type]
        people=ports.port("people"),
        interactions=ports.port("interactions"),
        audit=ports.port("audit"),
    )
    return use_case(journey, FORM, ADDRESS, NOW, reference="ABCD2345")


@each("verdict, needed", [(Verdict.ALLOW, False), (Verdict.WARN, False), (Verdict.STEP_UP, True)])
def test_the_whole_number_is_needed_where_the_identification_is_not_worth_a_link(
    verdict: Verdict, needed: bool
) -> None:
    ports = Recorder({"prove": WholeNumberNeeded()})
    pending = identified(person_id=None, pending=a_pending_identity(), verdict=verdict)
    claim(ports, replace(NEWCOMER, interaction=an_interaction(identified=pending)))
    assert ports.calls[0][2] == {"whole_number_only": needed}


@each("journey, tried", [(NEWCOMER, "191212121212"), (MEMBER, "199001012385")])
def test_a_right_claim_is_accepted_while_its_interaction_is_held(journey: Journey, tried: str) -> None:
    answers = {"prove": PROVED, "people.identity_of": an_identity("199001012385"), "accept_proof": LINKED}
    ports = Recorder(answers)
    assert claim(ports, journey) == LINKED
    assert ports.names[-3:] == ["prove", "interactions.hold", "accept_proof"]
    claimant = a_claimant(an_identity(tried), person_id=journey.person_id)
    assert ports.arguments("prove") == (FORM, claimant, NOW)
    _, held, proved, now = ports.arguments("accept_proof")
    assert (held.version, proved, now) == (7, PROVED, NOW)


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (Mismatch(left=3, until=None, whole_number_next=False), "audit link.refused"),
        (PersonPaused(until=NOW + timedelta(hours=1)), "audit link.paused"),
        (CompanyPaused(until=NOW + timedelta(hours=1)), "audit link.paused"),
    ],
)
def test_a_wrong_try_is_told_to_the_audit_log_and_records_nothing(answer: Any, event: str) -> None:
    ports = Recorder({"prove": answer})
    assert claim(ports, NEWCOMER) == answer
    assert ports.names == ["prove", "attempts.pseudonym", event]


def test_who_guessed_and_what_it_set_off_is_told_to_the_audit_log() -> None:
    wrong = Mismatch(left=3, until=None, whole_number_next=False, alarms=frozenset({Alarm.BRAKE}))
    ports = Recorder({"prove": wrong})
    claim(ports, NEWCOMER)
    who = {"guesser": "01aa", "reference": "ABCD2345"}
    assert ports.event(LinkingAlarm) == LinkingAlarm(alarm="brake", **who)
    assert ports.event(LinkRefused) == LinkRefused(person_id=None, client_id="minasidor", interaction_id="i1", **who)


@each("answer", [FieldProblems({"last_four": FieldProblem.LAST_FOUR_MISSING}), WholeNumberNeeded()])
def test_what_was_no_try_is_not_told(answer: object) -> None:
    ports = Recorder({"prove": answer})
    assert claim(ports, NEWCOMER) == answer
    assert ports.names == ["prove"]


@each("journey", [NEWCOMER, MEMBER])
def test_a_lost_race_says_nothing_about_the_try(journey: Journey) -> None:
    ports = Recorder({"prove": PROVED, "people.identity_of": an_identity(), "interactions.hold": Overtaken})
    with pytest.raises(Overtaken):
        claim(ports, journey)
    assert ports.names[-2:] == ["prove", "interactions.hold"]


def test_nobody_claims_before_being_identified() -> None:
    ports = Recorder({"prove": PROVED})
    with pytest.raises(Overtaken):
        claim(ports, a_journey(session=None, interaction=an_interaction()))
    assert ports.names == []


class Some(Reason):
    """Any."""

    REASON = "reason"


def is_open_at(step: Step | None, journey: Journey) -> bool:
    return is_open(journey, RequiredStep(step, Some.REASON) if step else None)


PROVED_ONE = a_journey(session=None, interaction=replace(PENDING, linked=LINKED))


def test_the_page_is_open_at_its_turn() -> None:
    assert is_open_at(LinkCustomer(), NEWCOMER)
    assert is_open_at(LinkCustomer(), MEMBER)


def test_another_company_can_be_proved_until_the_account_exists() -> None:
    assert is_open_at(Register(), PROVED_ONE)
    assert not is_open_at(Register(), NEWCOMER)
    with_account = a_journey(interaction=replace(PENDING, linked=LINKED))
    assert not is_open_at(ChooseCustomer(), with_account)


@each("changes", [{"linked": WAITING}, {"contact_code": CODE}])
def test_another_company_can_be_proved_while_one_waits_for_more(changes: dict[str, Any]) -> None:
    for waiting in (NEWCOMER, MEMBER):
        journey = replace(waiting, interaction=replace(waiting.ongoing, **changes))
        assert LinkCustomer().pending(journey) is None
        assert is_open_at(BringContactCode(), journey)
        assert not is_open_at(BringContactCode(), waiting)


@each("step", [None, LogIn("bankid"), SignInAgain()])
def test_the_page_is_closed_to_who_has_yet_to_identify_and_after_the_end(step: Step | None) -> None:
    assert not is_open_at(step, PROVED_ONE)


def test_who_has_a_company_is_asked_for_one_more_when_that_is_wanted() -> None:
    earlier = a_person(links=(a_customer(linked_at=NOW - timedelta(days=30)),))
    wanted = a_journey(person=earlier, interaction=an_interaction(passed={NEW_CUSTOMER: NOW}))
    assert LinkCustomer().pending(wanted) is ReasonToLink.NEW_CUSTOMER
    assert LinkCustomer().pending(a_journey(person=earlier, interaction=an_interaction())) is None
