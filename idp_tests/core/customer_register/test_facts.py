"""Facts that are absent or have a value, and what makes a customer active."""

from dataclasses import replace

import pytest

from idp.core.customer_register.facts import Facts, NumberState
from idp.core.people.contact import Email
from idp.core.people.customer import CustomerNumber
from idp_tests.core.customer_register.sayings import ACTIVE, CLOSED, FULL, MISSING, stored


def test_what_is_said_counts_and_what_is_absent_stays() -> None:
    said = Facts(city="Umeå", email=Email("ny@example.se"))
    assert said.over(FULL) == Facts(name=FULL.name, city="Umeå", email=said.email, phone=FULL.phone)
    assert Facts().over(FULL) == FULL


def test_equal_facts_are_one_object() -> None:
    again = Facts(name="Bolaget AB", city="Lund", email=Email("info@example.se"), phone=FULL.phone)
    assert again.sharing(FULL) is FULL
    partly = Facts(name="Bolaget AB", city="Umeå").sharing(FULL)
    assert partly == Facts(name="Bolaget AB", city="Umeå")
    assert partly.name is FULL.name


@pytest.mark.parametrize(
    ("states", "active"), [((ACTIVE, CLOSED), True), ((CLOSED, MISSING), False), ((MISSING,), False), ((), False)]
)
def test_a_customer_is_active_when_any_of_its_numbers_is(states: tuple[NumberState, ...], active: bool) -> None:
    numbers = {CustomerNumber(str(1000 + at)): state for at, state in enumerate(states)}
    assert replace(stored(), numbers=numbers).is_active is active


def test_a_customer_is_the_same_before_and_after_it_is_stored() -> None:
    assert stored(n1001=ACTIVE) == stored(n1001=ACTIVE)
