"""Number cells of office programs, data frames and exports: one meaning, or a refusal that says what was understood."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.number_cells import (
    LONGEST_CELL,
    CustomerNumbers,
    NotUnderstood,
    customer_numbers_in,
    organisation_number_in,
)
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN, CustomerNumber
from idp.core.people.digits import passes_luhn

PATTERN = re.compile(CUSTOMER_NUMBER_PATTERN)


def read(cell: str, pattern: str = CUSTOMER_NUMBER_PATTERN) -> list[str] | NotUnderstood:
    found = customer_numbers_in(cell, re.compile(pattern))
    return found if isinstance(found, NotUnderstood) else [number.value for number in found.numbers]


def refusal(cell: str, pattern: str = CUSTOMER_NUMBER_PATTERN) -> Refusal:
    found = read(cell, pattern)
    assert isinstance(found, NotUnderstood), found
    return found.reason


@pytest.mark.parametrize(
    "cell",
    [
        "10012345",
        " 10012345 ",
        "10012345.0",
        "10012345.00",
        "10012345,0",
        "10012345,00",
        "10012345.000000",
        "1.0012345E7",
        "1,0012345E+07",
        "1.0012345e007",
        "10 012 345",
        "10\u00a0012\u00a0345",
        "10\u202f012\u202f345",
        "10,012,345",
        "10.012.345",
        "10'012'345",
        "10’012’345",
        "'10012345",
        "’10012345",
        '="10012345"',
        "100-12345",
        "100–12345",
        "100−12345",
        "100\u00ad12345",
        "１００１２３４５",
        "\ufeff10012345",
        "10012\u200b345",
        "Nr 10012345",
        "Kundnr: 10012345",
        "#10012345",
    ],
)
def test_every_writing_of_one_number_is_that_number(cell: str) -> None:
    assert read(cell) == ["10012345"]


@pytest.mark.parametrize("cell", ["00731204", "'00731204", '="00731204"', "007-31204"])
def test_zeros_in_front_belong_to_the_number(cell: str) -> None:
    assert read(cell) == ["00731204"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", Refusal.MISSING),
        ("  ", Refusal.MISSING),
        (";;", Refusal.MISSING),
        ("nan", Refusal.MISSING),
        ("NULL", Refusal.MISSING),
        ("–", Refusal.MISSING),
        ("123", Refusal.MALFORMED),
        ("12345678901", Refusal.MALFORMED),
        ("10012345 (gammal)", Refusal.MALFORMED),
        ("-10012345", Refusal.MALFORMED),
        ("10012345-", Refusal.MALFORMED),
        ("(10012345)", Refusal.MALFORMED),
        ("10012345%", Refusal.MALFORMED),
        ("1OO12345", Refusal.MALFORMED),
        ("١٠٠١٢٣٤٥", Refusal.MALFORMED),
        ("1001234²", Refusal.MALFORMED),
        ("①001234", Refusal.MALFORMED),
        ("10012345.6", Refusal.FRACTION),
        ("10012345,50", Refusal.FRACTION),
        ("1,00123E+07", Refusal.LOST_DIGITS),
        ("1E+07", Refusal.LOST_DIGITS),
        ("1.001E7", Refusal.LOST_DIGITS),
        ("#REF!", Refusal.ERROR_VALUE),
        ("#N/A", Refusal.ERROR_VALUE),
        ("#SAKNAS!", Refusal.ERROR_VALUE),
        ("########", Refusal.ERROR_VALUE),
        ("Err:502", Refusal.ERROR_VALUE),
        ("=A2+1", Refusal.FORMULA),
        ("2023-03-27", Refusal.DATE),
        ("2023-03-27 00:00:00", Refusal.DATE),
        ("27.03.2023", Refusal.DATE),
        ("3/27/2023", Refusal.DATE),
        ("27-03-23", Refusal.DATE),
        ("23-03-27", Refusal.DATE),
        ("3901-12-19", Refusal.DATE),
        ("10012345-10012350", Refusal.AMBIGUOUS),
        ("1001 2345", Refusal.AMBIGUOUS),
        ("1001-2345", Refusal.AMBIGUOUS),
        ("1001;" * 300, Refusal.TOO_LONG),
    ],
)
def test_what_is_not_one_meaning_is_refused_by_name(cell: str, reason: Refusal) -> None:
    assert refusal(cell) is reason


@pytest.mark.parametrize("separator", [";", ",", "/", "|", "\n", " ; ", " & ", "+", " och ", "\t", " "])
def test_several_numbers_in_one_cell(separator: str) -> None:
    assert read(separator.join(["10012345", "10012346", "10012345"])) == ["10012345", "10012346"]


def test_a_separator_with_nothing_behind_it_is_passed_over() -> None:
    assert read(";10012345; ;10012346;") == ["10012345", "10012346"]


def test_several_numbers_of_a_data_frame() -> None:
    assert read("10012345.0;10012346.0") == ["10012345", "10012346"]


def test_the_meanings_of_a_doubtful_cell_are_told() -> None:
    found = read("1001 2345")
    assert isinstance(found, NotUnderstood)
    assert found.understood == ("10012345", "1001, 2345")
    assert {number.value for number in found.numbers} >= {"10012345", "1001", "2345"}


def test_a_narrower_pattern_ends_the_doubt() -> None:
    assert read("1001 2345", "[0-9]{8}") == ["10012345"]
    assert read("1001-2345", "[0-9]{8}") == ["10012345"]


def test_a_refused_cell_still_names_the_numbers_that_can_be_read() -> None:
    found = read("10012345;x")
    assert isinstance(found, NotUnderstood)
    assert found.numbers == (CustomerNumber("10012345"),)


def test_letters_are_digits_of_a_number_where_the_pattern_says_so() -> None:
    assert read("pz-1001", "PZ[0-9]{4}") == ["PZ1001"]
    assert read("12e5", "[0-9A-Z]{4}") == ["12E5"]


@pytest.mark.parametrize(
    ("cell", "expected"), [("10012345.0", True), ("10012345;10012346.00", True), ("10012345", False)]
)
def test_decimals_are_noted(cell: str, expected: bool) -> None:
    found = customer_numbers_in(cell, PATTERN)
    assert isinstance(found, CustomerNumbers)
    assert found.from_decimals is expected


@given(st.text(max_size=LONGEST_CELL + 10))
def test_any_text_is_numbers_of_the_pattern_or_a_refusal(cell: str) -> None:
    found = read(cell)
    assert isinstance(found, NotUnderstood) or all(PATTERN.fullmatch(number) for number in found)


@given(st.from_regex(PATTERN, fullmatch=True).filter(str.isascii))
def test_what_is_written_plainly_is_read_plainly(number: str) -> None:
    assert read(number) == [number]


@pytest.mark.parametrize(
    "cell",
    [
        "556016-0680",
        "5560160680",
        "5560160680.0",
        "5560160680,00",
        "5 560 160 680",
        "5,560,160,680",
        "5.560.160.680",
        "5'560'160'680",
        "5.560160680E9",
        "556016–0680",
        "'556016-0680",
        '="5560160680"',
        "165560160680",
        "165560160680.0",
        "SE556016068001",
        "５５６０１６０６８０",
        "556016\u00a0-\u00a00680",
    ],
)
def test_every_writing_of_one_organisation_number_is_that_number(cell: str) -> None:
    found = organisation_number_in(cell)
    assert not isinstance(found, NotUnderstood)
    assert found.digits == "5560160680"


@pytest.mark.parametrize(
    ("cell", "reason", "understood"),
    [
        ("", Refusal.MISSING, ()),
        ("None", Refusal.MISSING, ()),
        ("556016-0681", Refusal.CHECK_DIGIT, ()),
        ("556016068", Refusal.MALFORMED, ("9 digits",)),
        ("55601606800", Refusal.MALFORMED, ("11 digits",)),
        ("5.56016068E9", Refusal.LOST_DIGITS, ()),
        ("556016-0680, 559904-1125", Refusal.SEVERAL, ()),
        ("556016-0680 (moms: ja)", Refusal.MALFORMED, ()),
        ("DE123456789", Refusal.MALFORMED, ()),
        ("#VALUE!", Refusal.ERROR_VALUE, ()),
        ("=B2", Refusal.FORMULA, ()),
    ],
)
def test_what_is_not_one_organisation_is_refused_by_name(
    cell: str, reason: Refusal, understood: tuple[str, ...]
) -> None:
    assert organisation_number_in(cell) == NotUnderstood(reason, understood)


def sole_trader(nine: str) -> str:
    return next(nine + last for last in "0123456789" if passes_luhn(nine + last))


@pytest.mark.parametrize("nine", ["010112239", "000101239", "091224239"])
@pytest.mark.parametrize("written", ["{}", "{}.0"])
def test_the_zeros_that_a_sole_trader_lost_are_given_back(nine: str, written: str) -> None:
    digits = sole_trader(nine)
    found = organisation_number_in(written.format(int(digits)))
    assert not isinstance(found, NotUnderstood)
    assert found.digits == digits


def test_no_zeros_are_invented_for_a_legal_person() -> None:
    nine_digits = next(f"5560160{n:02}" for n in range(100) if passes_luhn(f"05560160{n:02}"))
    assert organisation_number_in(nine_digits) == NotUnderstood(Refusal.MALFORMED, ("9 digits",))


@given(st.text(max_size=200))
def test_any_text_is_an_organisation_number_or_a_refusal_without_its_digits(cell: str) -> None:
    found = organisation_number_in(cell)
    assert not isinstance(found, NotUnderstood) or not found.numbers
