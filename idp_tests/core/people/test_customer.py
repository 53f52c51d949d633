"""Customer numbers, links and how well they are proved."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.customer import CustomerNumber, LinkAssurance, LinkedCustomer, Role
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.cases import each


@each(
    "typed",
    [
        "10012345",
        " 10012345 ",
        "1001 2345",
        "1001-2345",
        "1001.2345",
        "1001\u00a02345",
        "1001–2345",
        "１００１２３４５",
        "Nr 10012345",
        "nr. 10012345",
        "Nr: 10012345",
        "NR10012345",
        "Kundnr. 10012345",
        "\u202d10012345\u202c",
    ],
)
def test_every_spelling_is_one_customer_number(typed: str) -> None:
    assert CustomerNumber.parse(typed) == CustomerNumber("10012345")


def test_assurances_are_in_order() -> None:
    weak, strong = LinkAssurance.LEGACY_KNOWLEDGE, LinkAssurance.SUPPORT_VERIFIED
    assert [*LinkAssurance] == [
        weak,
        LinkAssurance.CONTACT_CONFIRMED,
        LinkAssurance.OWNER_APPROVED,
        LinkAssurance.SIGNATORY,
        strong,
    ]
    assert strong.reaches(weak)
    assert weak.reaches(weak)
    assert not weak.reaches(LinkAssurance.CONTACT_CONFIRMED)


@given(st.from_regex(r"[0-9]{4,10}", fullmatch=True))
def test_leading_zeros_belong_to_the_number(digits: str) -> None:
    assert str(CustomerNumber.parse(digits)) == digits


def test_a_leading_zero_makes_another_number() -> None:
    assert CustomerNumber.parse("012345") != CustomerNumber.parse("12345")


@each(
    "typed",
    [
        "",
        "   ",
        "123",
        "12345678901",
        "12a45",
        "١٢٣٤٥",
        "12345/6",
        "Nr",
        "12345 nr",
        "nrnr12345",
        "-",
        "1" * 1000,
        "\x0012345",
    ],
)
def test_what_is_no_customer_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        CustomerNumber.parse(typed)


def test_the_pattern_is_a_matter_of_configuration() -> None:
    assert CustomerNumber.parse("se-1234", r"[A-Z]{2}[0-9]{4}").value == "SE1234"
    assert CustomerNumber.parse("nr 1234", re.compile(r"[A-Z]{2}[0-9]{4}")).value == "NR1234"
    with pytest.raises(ValueError, match="pattern"):
        CustomerNumber.parse("10012345", r"[A-Z]{2}[0-9]{4}")


def test_a_pattern_that_knows_other_scripts_lets_none_of_them_in() -> None:
    with pytest.raises(ValueError, match="pattern"):
        CustomerNumber.parse("١٢٣٤٥", r"\d{5}")


@each("value", ["", "12 345", "12-345", "åäö"])
def test_a_stored_number_has_letters_and_digits_only(value: str) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        CustomerNumber(value)


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    try:
        number = CustomerNumber.parse(text)
    except ValueError:
        return
    assert CustomerNumber.parse(number.value) == number
    assert re.fullmatch(r"[0-9]{4,10}", number.value)


def test_a_found_customer_is_not_linked_and_proves_least() -> None:
    found = LinkedCustomer(
        customer_id="c1",
        number=CustomerNumber("10012345"),
        organisation_number=OrganisationNumber.parse("556016-0680"),
        name="Exempelbolaget AB",
        city="Stockholm",
    )
    assert (found.linked_at, found.role, found.assurance) == (None, Role.USER, LinkAssurance.LEGACY_KNOWLEDGE)
