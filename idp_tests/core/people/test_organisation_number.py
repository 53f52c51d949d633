"""Organisation numbers: one value for every common spelling, and no sole trader's number in sight."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.digits import passes_luhn
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.cases import each


def with_check_digit(nine: str) -> str:
    return next(nine + last for last in "0123456789" if passes_luhn(nine + last))


legal_persons = st.builds(
    lambda first, third, rest: with_check_digit(f"{first:02}{third}{rest:06}"),
    st.integers(0, 99),
    st.integers(2, 9),
    st.integers(0, 999_999),
)
sole_traders = st.builds(
    lambda born, serial, offset: with_check_digit(f"{born:%y%m}{born.day + offset:02}{serial:03}"),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
    st.sampled_from([0, 60]),
)


@given(legal_persons)
def test_every_spelling_of_a_legal_person_is_one_value(ten: str) -> None:
    six, four = ten[:6], ten[6:]
    spellings = [
        ten,
        f"{six}-{four}",
        f"{six}–{four}",
        f"{six} {four}",
        f" {six}\u00a0-\u00a0{four} ",
        f"16{ten}",
        f"16{six}-{four}",
        f"16 {six} {four}",
        f"SE{ten}01",
        f"se {six}-{four} 01",
        f"SE-{six}{four}-01",
    ]
    assert {OrganisationNumber.parse(spelling) for spelling in spellings} == {OrganisationNumber(ten)}
    assert not OrganisationNumber(ten).is_sole_trader


@given(sole_traders)
def test_a_sole_traders_number_is_the_persons_own(ten: str) -> None:
    number = OrganisationNumber.parse(f"{ten[:6]}-{ten[6:]}")
    assert number.is_sole_trader
    assert number == OrganisationNumber.parse(f"{ten[:6]}+{ten[6:]}") == OrganisationNumber.parse(f"SE{ten}01")


@each("spelling", ["191212121212", "19121212-1212", "121212-1212", "121212+1212"])
def test_a_sole_trader_may_be_written_with_the_century(spelling: str) -> None:
    assert OrganisationNumber.parse(spelling).digits == "1212121212"


def test_the_printed_example() -> None:
    number = OrganisationNumber.parse("556016-0680")
    assert number.formatted == number.shown == str(number) == "556016-0680"
    assert repr(number) == "OrganisationNumber(556016-0680)"
    assert number.last_four == "0680"


@each("spelling", ["150088-2392", "191500882392", "SE150088239201", "150660-2398"])
def test_a_sole_trader_may_have_a_coordination_number_without_a_day_or_month(spelling: str) -> None:
    assert OrganisationNumber.parse(spelling).is_sole_trader


def test_a_sole_traders_number_is_not_shown() -> None:
    number = OrganisationNumber("1212121212")
    assert number.shown == str(number) == "••••••-1212"
    assert not any(char.isdigit() for char in repr(number))
    assert number.formatted == "121212-1212"


@each(
    "text",
    [
        "",
        "0680",
        "556016-0681",
        "5560160680 1",
        "55601606",
        "19556016-0680",
        "17556016-0680",
        "16121212-1212",
        "21121212-1212",
        "SE5560160680",
        "SE556016068002",
        "SE556016068101",
        "NO556016068001",
        "556016068001",
        "55601-60680",
        "٥٥٦٠١٦٠٦٨٠",
        with_check_digit("121312121"),
        with_check_digit("120230121"),
        "9" * 10_000,
    ],
)
def test_what_is_no_organisation_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        OrganisationNumber.parse(text)


@each("digits", ["556016-0680", "165560160680", "", "٥٥٦٠١٦٠٦٨٠"])
def test_the_value_itself_is_ten_plain_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="ten digits"):
        OrganisationNumber(digits)


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    try:
        number = OrganisationNumber.parse(text)
    except ValueError:
        return
    assert OrganisationNumber.parse(number.formatted) == number


@each("text", ["556016-0681", "19556016-0680", "16121212-1212", "1213121212", "55601606"])
def test_a_refusal_never_repeats_what_was_typed(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        OrganisationNumber.parse(text)
    assert not any(char.isdigit() for char in str(refusal.value))
