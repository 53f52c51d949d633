from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.core.accounts.leave_customer import Left, NotLinked
from idp.core.overtaken import Overtaken
from idp.core.signin.journey import NEW_CUSTOMER, NO_NEW_CUSTOMER, TAKE_BACK_WITHIN, Journey
from idp.core.signin.new_customer import (
    AskForNewCustomer,
    DeclineNewCustomer,
    TakeBackCustomer,
    may_ask,
    may_decline,
    may_take_back,
)
from idp.core.signin.next_step import RequiredStep
from idp.core.signin.steps.choose_customer import ChooseCustomer, ReasonToChoose
from idp.core.signin.steps.consent import Consent, ReasonToAsk
from idp.core.signin.steps.link_customer import LinkCustomer, ReasonToLink
from idp.core.signin.steps.register import ReasonToRegister, Register
from idp_tests.builders import NOW, a_customer, a_journey, a_person, an_interaction
from idp_tests.cases import each
from idp_tests.recorder import Recorder

BEFORE, LATER = NOW - timedelta(days=1), NOW + timedelta(minutes=3)
OLD, RECENT = a_customer("c1", linked_at=BEFORE), a_customer("c2", linked_at=NOW)
PERSON = a_person(links=(OLD, RECENT))
JOURNEY = a_journey(person=PERSON, interaction=an_interaction())
CHOOSING = RequiredStep(ChooseCustomer(), ReasonToChoose.SELECT_ACCOUNT)
CONSENTING = RequiredStep(Consent(), ReasonToAsk.SCOPES_MISSING)
LINKING = RequiredStep(LinkCustomer(), ReasonToLink.NEW_CUSTOMER)
REGISTERING = RequiredStep(Register(), ReasonToRegister.NO_CONTACT_DETAILS)


@each(
    "required, asks, takes_back",
    [
        (CHOOSING, True, True),
        (CONSENTING, False, True),
        (LINKING, False, True),
        (REGISTERING, False, False),
        (None, False, False),
    ],
)
def test_each_button_is_taken_where_its_page_is(required: RequiredStep | None, asks: bool, takes_back: bool) -> None:
    assert may_ask(required) is asks
    assert may_take_back(required) is takes_back


def test_only_who_is_asked_for_one_more_may_decline() -> None:
    assert not may_decline(a_journey(person=a_person(links=(OLD,)), interaction=an_interaction()))
    wanted = an_interaction(passed={NEW_CUSTOMER: NOW})
    assert may_decline(a_journey(person=a_person(links=(OLD,)), interaction=wanted))


def test_asking_and_declining_are_times_in_the_interaction() -> None:
    ports = Recorder()
    AskForNewCustomer(interactions=ports.port("interactions"))(JOURNEY, LATER)
    DeclineNewCustomer(interactions=ports.port("interactions"))(JOURNEY, LATER)
    assert ports.arguments("interactions.record_passed") == (an_interaction(), NEW_CUSTOMER, LATER)
    assert ports.arguments("interactions.record_set_aside") == (an_interaction(), NO_NEW_CUSTOMER, LATER)


def take_back(ports: Recorder, customer_id: str, journey: Journey = JOURNEY) -> Any:
    ports.answers.setdefault("interactions.hold", lambda interaction, _: replace(interaction, version=7))
    ports.answers.setdefault("leave", Left())
    use_case = TakeBackCustomer(interactions=ports.port("interactions"), leave=ports.function("leave"))  # type: ignore[arg-type]
    return use_case(journey, customer_id, LATER)


def test_a_link_that_was_just_made_is_ended_while_the_interaction_is_held_and_the_right_company_is_asked_for() -> None:
    ports = Recorder()
    assert take_back(ports, "c2")
    assert ports.names == ["interactions.hold", "leave", "interactions.record_set_aside"]
    assert ports.calls[1][1:] == (("p1", "c2", LATER), {"made_since": NOW - TAKE_BACK_WITHIN})
    held = replace(an_interaction(), version=7)
    assert ports.arguments("interactions.record_set_aside") == (held, NEW_CUSTOMER, LATER)


@each("customer_id", {"an older one": "c1", "somebody else's": "c3", "none": ""})
def test_no_other_company_is_taken_back_here(customer_id: str) -> None:
    ports = Recorder()
    assert not take_back(ports, customer_id)
    assert ports.names == []


def test_nobody_takes_back_before_there_is_an_account() -> None:
    ports = Recorder()
    assert not take_back(ports, "c2", a_journey(session=None, person=None, interaction=an_interaction()))
    assert ports.names == []


def test_a_link_that_support_ended_meanwhile_is_gone_all_the_same() -> None:
    ports = Recorder({"leave": NotLinked()})
    assert not take_back(ports, "c2")
    assert ports.names[-1] == "interactions.record_set_aside"


def test_a_lost_race_ends_no_link() -> None:
    ports = Recorder({"interactions.hold": Overtaken})
    with pytest.raises(Overtaken):
        take_back(ports, "c2")
    assert ports.names == ["interactions.hold"]
