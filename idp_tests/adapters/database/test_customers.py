"""Customers as people meet them: proved by number and four digits."""

import pytest

from idp.adapters.database.customer_register import DatabaseRegister
from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import unit_of_work
from idp.core.customer_register.facts import NumberState
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


def _verify(number: str, last_four: str) -> str | None:
    with unit_of_work():
        return CUSTOMERS.verify(number, last_four)


def test_several_numbers_lead_to_one_customer_also_a_closed_one() -> None:
    assert _verify("123456", "0680") == _verify("123458", "0680") is not None


@pytest.mark.parametrize(("number", "last_four"), [("123456", "0681"), ("999999", "0680"), ("123456", "0793")])
def test_number_and_digits_must_belong_together(number: str, last_four: str) -> None:
    assert _verify(number, last_four) is None


def test_a_missing_number_and_an_inactive_customer_prove_nothing() -> None:
    assert _verify("123457", "0680") is None
    assert _verify("7777", "0793") is None


def test_an_unknown_number_costs_the_same_statement(statements: Statements) -> None:
    sent = []
    for number in ("123456", "999999"):
        statements.forget()
        _verify(number, "0681")
        sent.append(list(statements.texts))

    assert len(sent[0]) == 1
    assert sent[0] == sent[1]


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
