"""The plan of an import: per organisation, together with what is stored; and a second time changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Facts, Field
from idp.core.customer_register.line import LeftOut, RefusedLine, RegisterLine
from idp.core.customer_register.plan import Change, ImportOptions, MissingNumber, plan
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.core.customer_register.sayings import (
    ACTIVE,
    CLOSED,
    FULL,
    MAIL,
    MISSING,
    ONE,
    THREE,
    TWO,
    after,
    applied,
    said,
    states,
    stored,
)


def test_a_new_organisation_is_active_unless_the_file_says_otherwise() -> None:
    made = plan([said("1001", facts=FULL)], [])
    assert made.changes == (Change(None, stored(n1001=ACTIVE)),)
    assert made.new == made.changes
    closed = plan([said("1001", state=CLOSED)], [])
    assert not after(closed).is_active


def test_what_is_stored_as_the_file_says_is_unchanged() -> None:
    made = plan([said("1001", facts=FULL)], [stored(n1001=ACTIVE)])
    assert (made.changes, made.unchanged, made.refused, made.missing) == ((), 1, (), ())


def test_a_line_about_one_number_leaves_the_others_and_the_facts_as_they_are() -> None:
    """20002;556036-0793;Testbolaget AB;nej closed the whole customer, and erased its city and telephone."""
    made = plan([said("20002", state=CLOSED)], [stored(n20001=ACTIVE, n20002=ACTIVE)])
    assert states(after(made)) == {"20001": ACTIVE, "20002": CLOSED}
    assert after(made).is_active
    assert after(made).facts == FULL
    assert made.closing == ()
    assert [each.number.value for each in made.missing] == ["20001"]


def test_a_customer_is_closed_with_its_last_active_number_and_opened_with_the_first() -> None:
    closing = plan([said("2002", state=CLOSED)], [stored(n1001=CLOSED, n2002=ACTIVE)])
    assert closing.closing == closing.changes
    reopening = plan([said("2002", state=ACTIVE)], applied([], closing))
    assert reopening.reopening == reopening.changes


def test_cells_that_were_left_out_are_told() -> None:
    left_out = LeftOut(2, Field.EMAIL, Refusal.SEVERAL)
    made = plan([said("1001", left_out=(left_out,))], [stored(n1001=ACTIVE)])
    assert made.left_out == (left_out,)
    assert made.changes == ()


# --- who left


def test_active_numbers_that_the_file_does_not_name_are_missing_and_stay() -> None:
    here = [stored(n1001=ACTIVE, n3003=ACTIVE, n4004=CLOSED), stored(TWO, n2002=ACTIVE), stored(THREE, n5005=ACTIVE)]
    refused = RefusedLine(3, Refusal.CHECK_DIGIT, Field.ORGANISATION_NUMBER, (CustomerNumber("2002"),))
    made = plan([said("1001", facts=FULL), refused], here)
    assert made.missing == (
        MissingNumber(CustomerNumber("3003"), here[0]),
        MissingNumber(CustomerNumber("5005"), here[2]),
    )
    assert made.changes == ()
    assert made.refused == (refused,)


def test_missing_numbers_are_closed_when_the_operator_says_so() -> None:
    here = [stored(n1001=ACTIVE, n3003=ACTIVE), stored(TWO, n2002=ACTIVE)]
    made = plan([said("1001", facts=FULL)], here, ImportOptions(close_missing=True))
    one, two = applied(here, made)
    assert states(one) == {"1001": ACTIVE, "3003": MISSING}
    assert states(two) == {"2002": MISSING}
    assert [str(change.after.organisation_number) for change in made.closing] == [TWO]
    assert made.closing_share == 0.5


def test_a_number_of_an_organisation_whose_line_names_no_number_is_not_missing() -> None:
    refused = RefusedLine(3, Refusal.LOST_DIGITS, Field.NUMBER, (), OrganisationNumber.parse(ONE))
    made = plan([refused], [stored(n1001=ACTIVE)], ImportOptions(close_missing=True))
    assert (made.missing, made.changes, made.blind_lines) == ((), (), ())


def test_a_line_that_names_nobody_is_told() -> None:
    assert plan([RefusedLine(3, Refusal.UNCLOSED_QUOTATION)], []).blind_lines == (3,)


def test_nobody_leaves_an_empty_register() -> None:
    assert plan([said("1001")], []).closing_share == 0


def test_refused_lines_come_in_the_order_of_the_file() -> None:
    lines: list[RegisterLine | RefusedLine] = [
        said("1001"),
        said("1001", org=TWO, line=3),
        RefusedLine(1, Refusal.UNCLOSED_QUOTATION),
    ]
    assert [line.line for line in plan(lines, []).refused] == [1, 2, 3]


# --- for any file, whatever is stored

files = st.lists(
    st.builds(
        said,
        st.sampled_from(["1001", "2002", "3003", "02002", "5005"]),
        org=st.sampled_from([ONE, TWO, THREE]),
        line=st.integers(2, 99),
        facts=st.builds(
            Facts,
            name=st.sampled_from([None, "Bolaget AB", "Firman AB"]),
            city=st.sampled_from([None, "Lund", "Umeå"]),
            email=st.sampled_from([None, MAIL]),
        ),
        state=st.sampled_from([None, ACTIVE, CLOSED]),
        empty=st.sampled_from([frozenset(), frozenset({Field.CITY})]),
    ),
    max_size=12,
)
options = st.builds(ImportOptions, allow_moved=st.booleans(), close_missing=st.booleans(), empty_erases=st.booleans())


@given(files, files, options)
def test_importing_a_file_again_changes_nothing(
    earlier: list[RegisterLine], file: list[RegisterLine], how: ImportOptions
) -> None:
    here = applied([], plan(earlier, []))
    once = applied(here, plan(file, here, how))
    again = plan(file, once, how)
    assert again.changes == ()
    assert again.moved == ()


@given(files, files, options)
def test_a_number_has_one_owner_and_none_is_lost(
    earlier: list[RegisterLine], file: list[RegisterLine], how: ImportOptions
) -> None:
    here = applied([], plan(earlier, []))
    once = applied(here, plan(file, here, how))
    numbers = [number for customer in once for number in customer.numbers]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) >= {number for customer in here for number in customer.numbers}


@given(files, files, options)
def test_without_the_operators_word_nobody_loses_a_number_or_a_fact(
    earlier: list[RegisterLine], file: list[RegisterLine], how: ImportOptions
) -> None:
    here = applied([], plan(earlier, []))
    for change in plan(file, here, how).changes:
        if change.before is not None:
            assert how.allow_moved or set(change.before.numbers) <= set(change.after.numbers)
            assert how.empty_erases or change.after.facts == change.after.facts.over(change.before.facts)
