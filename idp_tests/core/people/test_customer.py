"""Customer numbers, the four digits, links and how well they are proved."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.people.customer import Customer, CustomerNumber, LastFour, LinkAssurance, LinkedCustomer, Role
from idp.core.people.organisation_number import OrganisationNumber


@pytest.mark.parametrize(
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


@given(st.from_regex(r"[0-9]{4,10}", fullmatch=True))
def test_leading_zeros_belong_to_the_number(digits: str) -> None:
    assert str(CustomerNumber.parse(digits)) == digits


def test_a_leading_zero_makes_another_number() -> None:
    assert CustomerNumber.parse("012345") != CustomerNumber.parse("12345")


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("value", ["", "12 345", "12-345", "åäö"])
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


@pytest.mark.parametrize(
    "typed",
    ["0680", " 0680", "06 80", "-0680", "０６８０", "556016-0680", "5560160680", "16556016-0680", "SE556016068001"],
)
def test_four_digits_or_the_whole_organisation_number(typed: str) -> None:
    assert LastFour.parse(typed) == LastFour("0680")


def test_a_sole_trader_may_type_the_whole_own_number() -> None:
    assert LastFour.parse("19121212-1212").digits == "1212"


@pytest.mark.parametrize("typed", ["", "068", "06800", "068a", "556016-0681", "٠٦٨٠", "--0680", "+0680", "0" * 1000])
def test_what_has_no_last_four_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        LastFour.parse(typed)


def test_the_four_digits_are_not_printed() -> None:
    assert repr(LastFour("0680")) == str(LastFour("0680")) == "LastFour(…)"


def test_the_order_of_assurance_is_the_order_of_strength() -> None:
    strengths = [
        LinkAssurance.LEGACY_KNOWLEDGE,
        LinkAssurance.CONTACT_CONFIRMED,
        LinkAssurance.OWNER_APPROVED,
        LinkAssurance.SIGNATORY,
        LinkAssurance.SUPPORT_VERIFIED,
    ]
    for weaker, stronger in itertools.combinations(strengths, 2):
        assert weaker < stronger
        assert weaker <= stronger
        assert stronger > weaker
        assert stronger >= weaker
        assert not stronger < weaker
        assert not stronger <= weaker
        assert not weaker > stronger
        assert not weaker >= stronger
    assert sorted(strengths) == strengths
    assert [strength.rank for strength in strengths] == [0, 1, 2, 3, 4]


def test_assurance_is_compared_with_its_own_kind_only() -> None:
    assert LinkAssurance.SIGNATORY > "legacy_knowledge"
    with pytest.raises(ValueError, match="password"):
        _ = LinkAssurance.SIGNATORY > "password"


def test_several_numbers_lead_to_one_customer() -> None:
    customer = Customer(
        id="c1",
        name="Mälardalens Kök AB",
        city="Västerås",
        organisation_number=OrganisationNumber.parse("556016-0680"),
        numbers=(CustomerNumber("10012615"), CustomerNumber("00731204")),
    )
    assert customer.active
    assert CustomerNumber.parse("0073 1204") in customer.numbers


def test_a_found_customer_is_not_linked_and_proves_least() -> None:
    found = LinkedCustomer(
        customer_id="c1",
        number=CustomerNumber("10012345"),
        organisation_number=OrganisationNumber.parse("556016-0680"),
        name="Exempelbolaget AB",
        city="Stockholm",
    )
    assert (found.linked_at, found.role, found.assurance) == (None, Role.USER, LinkAssurance.LEGACY_KNOWLEDGE)
