"""Customers as people meet them: proved by number and digits."""

import pytest

from idp.adapters.database.customer_register import DatabaseRegister
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import unit_of_work
from idp.core.customer_register.facts import NumberState
from idp.core.linking.ports import Company
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.adapters.database.seeds import add_customer, add_link, add_person
from idp_tests.builders import a_claim, an_organisation_number
from idp_tests.cases import each
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.databases import CIPHER, NOW, PEPPER, Statements

pytestmark = pytest.mark.usefixtures("database_context")

CUSTOMERS = DatabaseCustomers(CIPHER, PEPPER)


@pytest.fixture(autouse=True)
def _register(database_context: None) -> None:
    del database_context
    with unit_of_work():
        closed, missing = {"7777": NumberState.CLOSED}, {"123457": NumberState.MISSING, "123458": NumberState.CLOSED}
        companies = [
            a_registered_customer("123456", states=missing, name="Bolaget AB"),
            a_registered_customer(organisation_number="556036-0793", name="Andra AB", states=closed),
        ]
        fill_register(DatabaseRegister(CIPHER, PEPPER), companies, NOW)


def _verify(number: str, digits: str) -> str | None:
    with unit_of_work():
        return CUSTOMERS.verify(a_claim(number, digits))


def test_several_numbers_lead_to_one_customer_also_a_closed_one() -> None:
    assert _verify("123456", "0680") == _verify("123458", "0680") is not None


@pytest.mark.parametrize(
    ("number", "digits"),
    [("123456", "0681"), ("999999", "0680"), ("123456", "0793"), ("123456", "5560360793"), ("999999", "5560160680")],
)
def test_number_and_digits_must_belong_together(number: str, digits: str) -> None:
    assert _verify(number, digits) is None


def test_a_missing_number_and_an_inactive_customer_prove_nothing() -> None:
    assert _verify("123457", "0680") is None
    assert _verify("7777", "0793") is None
    assert _verify("7777", "5560360793") is None


@each("digits", ["0681", an_organisation_number(1)])
def test_unknown_wrong_missing_and_inactive_cost_the_same_statements(statements: Statements, digits: str) -> None:
    sent = []
    for number in ("123456", "999999", "123457", "7777"):
        statements.forget()
        with unit_of_work():
            CUSTOMERS.company_of(number, OrganisationNumber("1212121212"))
        _verify(number, digits)
        sent.append(list(statements.texts))

    assert len(sent[0]) == 2
    assert sent == [sent[0]] * 4


def test_the_whole_organisation_number_proves_every_number_of_its_customer() -> None:
    assert _verify("123456", "5560160680") == _verify("123458", "5560160680") == _verify("123456", "0680") is not None


def test_all_numbers_of_a_company_are_counted_together_and_an_unknown_one_by_itself() -> None:
    with unit_of_work():
        first, missing, closed, other, unknown = (
            CUSTOMERS.company_of(number, None).counted_as for number in ("123456", "123457", "123458", "7777", "999999")
        )
    assert first == missing == closed == _verify("123456", "0680")
    assert other != first
    assert unknown == "999999"


def _owned(number: str, owner: str) -> str | None:
    with unit_of_work():
        return CUSTOMERS.company_of(number, OrganisationNumber(owner)).owned


def test_a_sole_trader_owns_every_number_that_opens_the_own_firm_and_no_other() -> None:
    anna, firm = (
        "9001012385",
        a_registered_customer("8001", states={"8002": NumberState.MISSING}, organisation_number="900101-2385"),
    )
    with unit_of_work():
        fill_register(DatabaseRegister(CIPHER, PEPPER), [firm], NOW)
    assert _owned("8001", anna) == _verify("8001", "2385") is not None
    assert _owned("8002", anna) is None
    assert _owned("123456", anna) is None
    assert _owned("999999", anna) is None
    assert _owned("8001", "1212121212") is None


def _company(number: str) -> Company:
    with unit_of_work():
        return CUSTOMERS.company_of(number, None)


def test_a_company_is_told_by_its_address_or_its_people_and_has_a_telephone_or_not() -> None:
    reached = [
        a_registered_customer("8101", organisation_number="556016-0680", email="info@bolaget.se"),
        a_registered_customer("8102", organisation_number="556036-0793", phone="070-174 06 05"),
    ]
    with unit_of_work():
        fill_register(DatabaseRegister(CIPHER, PEPPER), reached, NOW)
        anna, alone = add_person(), add_customer(number="8103", organisation_number="5567037485")
    assert [
        (_company(number).is_told, _company(number).has_phone) for number in ("8101", "8102", "8103", "999999")
    ] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]
    with unit_of_work():
        add_link(anna, alone)
    assert _company("8103").is_told


def test_a_found_customer_is_not_linked_yet_and_shows_its_first_active_number() -> None:
    customer_id = _verify("123458", "0680")
    assert customer_id is not None

    with unit_of_work():
        found = CUSTOMERS.find(customer_id)
        assert CUSTOMERS.find("nothing") is None

    assert found is not None
    assert (found.name, found.city, str(found.number), found.linked_at) == ("Bolaget AB", "Malmö", "123456", None)
    assert str(found.organisation_number) == "556016-0680"


def test_active_customers_are_counted() -> None:
    with unit_of_work():
        assert CUSTOMERS.count() == 1


@pytest.mark.parametrize(("number", "held"), [("123456", True), ("123458", True), ("123457", False), ("7777", False)])
def test_a_number_is_held_while_it_opens_its_customer(number: str, *, held: bool) -> None:
    customer_id = _verify("123456", "0680")
    assert customer_id is not None
    with unit_of_work():
        assert CUSTOMERS.hold(number, customer_id) is held


def test_the_contact_on_file_is_that_of_an_active_customer_by_any_number_that_leads_to_it(
    statements: Statements,
) -> None:
    with unit_of_work():
        companies = [a_registered_customer("123456", name="Bolaget AB", email="info@bolaget.se")]
        fill_register(DatabaseRegister(CIPHER, PEPPER), companies, NOW)
    statements.forget()
    with unit_of_work():
        found = [CUSTOMERS.on_file(number) for number in ("123456", "999999", "7777")]
    assert len(statements.texts) == 3
    assert found[0] is not None
    assert (found[0].customer_name, found[0].email) == ("Bolaget AB", "info@bolaget.se")
    assert found[1:] == [None, None]


def test_a_customer_without_an_address_is_reached_by_none() -> None:
    with unit_of_work():
        found = CUSTOMERS.on_file("123456")
    assert found is not None
    assert found.email is None
