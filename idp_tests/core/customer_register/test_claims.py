"""Whose number it is: claims of lines beside those of others and of the database."""

import pytest

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Field, RegisteredCustomer
from idp.core.customer_register.line import RefusedLine, RegisterLine
from idp.core.customer_register.plan import ImportOptions, plan
from idp.core.people.customer import CustomerNumber
from idp_tests.core.customer_register.sayings import (
    ACTIVE,
    FULL,
    ONE,
    TWO,
    after,
    applied,
    said,
    states,
    stored,
)


def test_a_number_with_two_organisations_is_refused_on_every_line() -> None:
    lines = [said("1001"), said("2002", line=3), said("1001", org=TWO, line=4), said("1001", line=5)]
    made = plan(lines, [])
    assert [(line.line, line.reason) for line in made.refused] == [(n, Refusal.TWO_ORGANISATIONS) for n in (2, 4, 5)]
    assert states(after(made)) == {"2002": ACTIVE}


def test_a_line_counts_for_those_of_its_numbers_that_are_not_refused() -> None:
    made = plan([said("1001", "2002"), said("1001", org=TWO, line=3)], [])
    assert states(after(made)) == {"2002": ACTIVE}
    assert [line.numbers for line in made.refused] == [(CustomerNumber("1001"),)] * 2


def test_a_number_that_belongs_to_another_organisation_here_is_refused() -> None:
    made = plan([said("1001", org=TWO)], [stored(n1001=ACTIVE)])
    assert [(line.reason, line.numbers) for line in made.refused] == [(Refusal.MOVED, (CustomerNumber("1001"),))]
    assert (made.changes, made.missing, made.moved) == ((), (), ())


def test_a_number_moves_when_the_operator_says_so_and_both_organisations_change() -> None:
    here = [stored(n1001=ACTIVE, n2002=ACTIVE)]
    made = plan([said("1001", org=TWO)], here, ImportOptions(allow_moved=True))
    by_organisation = {str(customer.organisation_number): states(customer) for customer in applied(here, made)}
    assert by_organisation == {ONE: {"2002": ACTIVE}, TWO: {"1001": ACTIVE}}
    (moved,) = made.moved
    assert (moved.number.value, str(moved.before.organisation_number), str(moved.after.organisation_number)) == (
        "1001",
        ONE,
        TWO,
    )


def test_an_organisation_whose_last_number_moves_is_closed() -> None:
    made = plan([said("1001", org=TWO)], [stored(n1001=ACTIVE)], ImportOptions(allow_moved=True))
    (closed,) = made.closing
    assert str(closed.after.organisation_number) == ONE
    assert states(closed.after) == {}


def test_two_organisations_may_change_numbers() -> None:
    here = [stored(n1001=ACTIVE), stored(TWO, n2002=ACTIVE)]
    made = plan([said("2002"), said("1001", org=TWO, line=3)], here, ImportOptions(allow_moved=True))
    by_organisation = {str(customer.organisation_number): states(customer) for customer in applied(here, made)}
    assert by_organisation == {ONE: {"2002": ACTIVE}, TWO: {"1001": ACTIVE}}
    assert len(made.moved) == 2


def test_zeros_that_a_file_lost_are_given_back_from_what_is_stored() -> None:
    made = plan([said("731204", facts=FULL)], [stored(n00731204=ACTIVE)])
    assert made.zeros_restored == (CustomerNumber("00731204"),)
    assert (made.changes, made.missing, made.unchanged) == ((), (), 1)


@pytest.mark.parametrize(
    ("lines", "here"),
    [
        ([said("731204"), said("00731204", line=3)], [stored(n00731204=ACTIVE)]),
        ([said("731204", org=TWO)], [stored(n00731204=ACTIVE)]),
        ([said("731204")], [stored(n00731204=ACTIVE, n0731204=ACTIVE)]),
    ],
)
def test_no_zeros_are_given_back_where_two_numbers_may_be_meant(
    lines: list[RegisterLine], here: list[RegisteredCustomer]
) -> None:
    made = plan(lines, here)
    assert made.zeros_restored == ()
    assert CustomerNumber("731204") in after(made).numbers


def test_decimals_are_doubted_where_the_file_has_sub_numbers() -> None:
    fraction = RefusedLine(4, Refusal.FRACTION, Field.NUMBER)
    made = plan([said("1001", from_decimals=True), said("2002", line=3), fraction], [])
    assert [(line.line, line.reason) for line in made.refused] == [(2, Refusal.AMBIGUOUS), (4, Refusal.FRACTION)]
    assert states(after(made)) == {"2002": ACTIVE}
