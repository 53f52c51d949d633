"""The form for linking: a claim, or what is wrong with which field; and the four digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.linking.claim import Claim, LastFour, parse_claim
from idp.core.people.contact import FieldProblem, FieldProblems
from idp.core.people.customer import CustomerNumber
from idp_tests.cases import each


@each(
    "typed",
    ["0680", " 0680", "06 80", "-0680", "０６８０", "556016-0680", "5560160680", "16556016-0680", "SE556016068001"],
)
def test_four_digits_or_the_whole_organisation_number(typed: str) -> None:
    assert LastFour.parse(typed) == LastFour("0680")


def test_a_sole_trader_may_type_the_whole_own_number() -> None:
    assert LastFour.parse("19121212-1212").digits == "1212"


@each("typed", ["", "068", "06800", "068a", "556016-0681", "٠٦٨٠", "--0680", "+0680", "0" * 1000])
def test_what_has_no_last_four_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        LastFour.parse(typed)


def test_the_four_digits_are_not_printed() -> None:
    assert repr(LastFour("0680")) == str(LastFour("0680")) == "LastFour(…)"


def test_a_whole_form() -> None:
    assert parse_claim({"customer_number": "Nr 1001 2345", "last_four": "556016-0680"}) == Claim(
        customer_number=CustomerNumber("10012345"), last_four=LastFour("0680")
    )


def test_the_form_obeys_the_configured_pattern() -> None:
    form = {"customer_number": "AB123", "last_four": "0680"}
    assert parse_claim(form) == FieldProblems({"customer_number": FieldProblem.CUSTOMER_NUMBER_MALFORMED})
    assert isinstance(parse_claim(form, r"[A-Z]{2}[0-9]{3}"), Claim)


def test_everything_wrong_with_a_form_is_said_at_once_and_in_order() -> None:
    problems = parse_claim({"last_four": "12"})
    assert isinstance(problems, FieldProblems)
    assert list(problems.by_field.items()) == [
        ("customer_number", "field.customer_number.missing"),
        ("last_four", "field.last_four.malformed"),
    ]


@each("typed", ["", " ", "\u00a0\t\n"])
def test_an_empty_field_is_missing(typed: str) -> None:
    form = {"customer_number": "10012345", "last_four": typed}
    assert parse_claim(form) == FieldProblems({"last_four": FieldProblem.LAST_FOUR_MISSING})


def test_one_malformed_field_is_the_only_problem() -> None:
    form = {"customer_number": "10012345", "last_four": "556016-0681"}
    assert parse_claim(form) == FieldProblems({"last_four": FieldProblem.LAST_FOUR_MALFORMED})


@given(st.dictionaries(st.sampled_from(["customer_number", "last_four"]), st.text(max_size=120)))
def test_no_form_whatsoever_breaks_the_parser(form: dict[str, str]) -> None:
    assert isinstance(parse_claim(form), Claim | FieldProblems)
