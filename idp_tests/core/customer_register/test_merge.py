"""Lines of one organisation, merged with what is stored of it."""

import pytest

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Facts, Field, NumberState
from idp.core.customer_register.line import RefusedLine
from idp.core.customer_register.plan import ImportOptions, plan
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.core.customer_register.sayings import (
    ACTIVE,
    CLOSED,
    MAIL,
    MISSING,
    ONE,
    PHONE,
    after,
    applied,
    said,
    states,
    stored,
)


def test_all_lines_of_an_organisation_state_its_facts_and_the_first_word_counts() -> None:
    made = plan(
        [
            said("1001", facts=Facts(name="Bolaget AB"), state=CLOSED),
            said("2002", facts=Facts(name="Bolagets filial", city="Lund", email=MAIL), line=3),
        ],
        [],
    )
    assert after(made) == stored(facts=Facts(name="Bolaget AB", city="Lund", email=MAIL), n1001=CLOSED, n2002=ACTIVE)


def test_an_empty_cell_erases_nothing_unless_the_operator_says_so() -> None:
    line = said("1001", empty=frozenset({Field.CITY, Field.EMAIL, Field.NAME}), facts=Facts())
    here = [stored(n1001=ACTIVE)]
    assert plan([line], here).changes == ()
    erased = after(plan([line], here, ImportOptions(empty_erases=True)))
    assert erased.facts == Facts(name="Bolaget AB", phone=PHONE)


def test_a_fact_that_another_line_states_is_not_erased() -> None:
    lines = [said("1001", empty=frozenset({Field.EMAIL})), said("2002", facts=Facts(email=MAIL), line=3)]
    made = plan(lines, [stored(n1001=ACTIVE, n2002=ACTIVE)], ImportOptions(empty_erases=True))
    assert made.changes == ()


def test_an_organisation_that_nobody_knows_the_name_of_is_refused() -> None:
    line = said("1001", facts=Facts(city="Lund"))
    assert plan([line], []).refused == (
        RefusedLine(2, Refusal.NO_NAME, Field.NAME, (CustomerNumber("1001"),), OrganisationNumber.parse(ONE)),
    )
    assert plan([line], [stored(n1001=ACTIVE)]).refused == ()


@pytest.mark.parametrize(("before", "expected"), [(ACTIVE, ACTIVE), (CLOSED, CLOSED), (MISSING, ACTIVE)])
def test_a_number_named_without_a_word_is_there_again_but_not_open_when_it_was_closed(
    before: NumberState, expected: NumberState
) -> None:
    here = [stored(n1001=before)]
    (customer,) = applied(here, plan([said("1001")], here))
    assert states(customer) == {"1001": expected}


def test_lines_that_contradict_each_other_about_a_number_leave_it_open() -> None:
    made = plan([said("1001", state=CLOSED), said("1001", state=ACTIVE, line=3)], [])
    assert states(after(made)) == {"1001": ACTIVE}
    assert made.repeated_lines == (3,)
