"""The form for linking: a claim, or what is wrong with which field; and the four digits."""

from hypothesis import given
from hypothesis import strategies as st

from idp.core.linking.claim import Claim, LastFour, parse_claim
from idp.core.people.contact import FieldProblem, FieldProblems
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.cases import each

NUMBER, WHOLE = CustomerNumber("10012345"), OrganisationNumber("5560160680")


def _form(**digits: str) -> dict[str, str]:
    return {"customer_number": "10012345", **digits}


@each(
    "typed",
    ["0680", " 0680", "06 80", "-0680", "０６８０"],
)
def test_four_digits(typed: str) -> None:
    assert parse_claim(_form(last_four=typed)) == Claim(customer_number=NUMBER, digits=LastFour("0680"))


WHOLE_NUMBERS = each("typed", ["556016-0680", " 5560160680", "16556016-0680", "SE556016068001"])


@WHOLE_NUMBERS
def test_the_whole_organisation_number_is_another_claim_than_its_last_four(typed: str) -> None:
    assert parse_claim(_form(last_four=typed)) == Claim(customer_number=NUMBER, digits=WHOLE)


@WHOLE_NUMBERS
def test_where_the_whole_number_is_asked_for_it_takes_every_spelling(typed: str) -> None:
    assert parse_claim(_form(whole_number=typed)) == Claim(customer_number=NUMBER, digits=WHOLE)


@each("typed", ["0680", "556016-0681", "abc"])
def test_where_the_whole_number_is_asked_for_four_digits_and_wrong_check_digits_are_malformed(typed: str) -> None:
    problem = FieldProblem.WHOLE_NUMBER_MALFORMED
    assert parse_claim(_form(whole_number=typed)) == FieldProblems({"whole_number": problem})
    assert parse_claim(_form(whole_number=typed, last_four="0680")) == FieldProblems({"whole_number": problem})


def test_the_whole_number_may_be_missing() -> None:
    assert parse_claim(_form(whole_number=" ")) == FieldProblems({"whole_number": FieldProblem.WHOLE_NUMBER_MISSING})


def test_a_sole_trader_may_type_the_whole_own_number() -> None:
    claim = parse_claim(_form(last_four="19121212-1212"))
    assert isinstance(claim, Claim)
    assert claim.digits == OrganisationNumber("1212121212")


@each("typed", ["068", "06800", "068a", "556016-0681", "٠٦٨٠", "--0680", "+0680", "0" * 1000])
def test_what_is_neither_is_refused(typed: str) -> None:
    assert parse_claim(_form(last_four=typed)) == FieldProblems({"last_four": FieldProblem.LAST_FOUR_MALFORMED})


def test_the_four_digits_are_not_printed() -> None:
    assert repr(LastFour("0680")) == str(LastFour("0680")) == "LastFour(…)"


def test_a_whole_form() -> None:
    form = {"customer_number": "Nr 1001 2345", "last_four": "0680"}
    assert parse_claim(form) == Claim(customer_number=NUMBER, digits=LastFour("0680"))


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
