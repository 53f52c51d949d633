"""The customer register: proved by number and four digits, imported as often as one likes."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from idp.adapters.database.customers import DatabaseCustomers
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import customer_numbers, customers
from idp.core.customer_register.plan import RegisterEntry
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.databases import CIPHER, NOW, PEPPER, Statements

pytestmark = pytest.mark.usefixtures("database_context")

CUSTOMERS = DatabaseCustomers(CIPHER, PEPPER)
BOLAGET = RegisterEntry(
    number=CustomerNumber("123456"),
    organisation_number=OrganisationNumber("5560160680"),
    name="Bolaget AB",
    city="Malmö",
    email=Email("info@bolaget.se"),
    phone=Phone("+46701740605"),
)
OTHER = RegisterEntry(
    number=CustomerNumber("7777"), organisation_number=OrganisationNumber("5560360793"), name="Andra AB"
)


def _save(*entries: RegisterEntry) -> int:
    with unit_of_work():
        return CUSTOMERS.save(entries, NOW)


def _verify(number: str, last_four: str) -> str | None:
    with unit_of_work():
        return CUSTOMERS.verify(number, last_four)


def test_an_import_is_read_back_as_it_was_written() -> None:
    entries = {BOLAGET.number: BOLAGET, OTHER.number: OTHER}

    assert _save(*entries.values()) == 2

    with unit_of_work():
        assert CUSTOMERS.register() == entries
        assert CUSTOMERS.count() == 2


def test_importing_again_makes_no_second_customer_and_takes_new_facts() -> None:
    _save(BOLAGET, OTHER)
    with unit_of_work():
        before = set(connection().execute(select(customers.c.id)).scalars())
    moved = replace(BOLAGET, city="Lund", email=None, active=False)

    _save(moved, OTHER)

    with unit_of_work():
        assert set(connection().execute(select(customers.c.id)).scalars()) == before
        assert CUSTOMERS.register() == {BOLAGET.number: moved, OTHER.number: OTHER}
        assert CUSTOMERS.count() == 1


def test_several_numbers_of_one_organisation_lead_to_one_customer() -> None:
    second = replace(BOLAGET, number=CustomerNumber("00999"))
    _save(BOLAGET, second)

    assert _verify("123456", "0680") == _verify("00999", "0680") is not None
    with unit_of_work():
        assert connection().execute(select(func.count()).select_from(customers)).scalar_one() == 1


def test_a_large_register_is_saved_in_chunks() -> None:
    many = [replace(BOLAGET, number=CustomerNumber(str(number))) for number in range(10_000, 11_203)]

    assert _save(*many) == len(many)
    with unit_of_work():
        assert connection().execute(select(func.count()).select_from(customer_numbers)).scalar_one() == len(many)


@pytest.mark.parametrize(("number", "last_four"), [("123456", "0681"), ("999999", "0680"), ("7777", "0680")])
def test_number_and_digits_must_belong_together(number: str, last_four: str) -> None:
    _save(BOLAGET, OTHER)

    assert _verify(number, last_four) is None


def test_an_inactive_number_or_customer_proves_nothing() -> None:
    _save(BOLAGET, OTHER)
    with unit_of_work():
        connection().execute(update(customer_numbers).where(customer_numbers.c.number == "123456").values(active=False))
        connection().execute(update(customers).where(customers.c.name == "Andra AB").values(active=False))

    assert _verify("123456", "0680") is None
    assert _verify("7777", "0793") is None


def test_an_unknown_number_costs_the_same_statement(statements: Statements) -> None:
    _save(BOLAGET)
    sent = []
    for number in ("123456", "999999"):
        statements.forget()
        _verify(number, "0681")
        sent.append(list(statements.texts))

    assert len(sent[0]) == 1
    assert sent[0] == sent[1]


def test_a_found_customer_is_not_linked_yet() -> None:
    _save(BOLAGET)
    customer_id = _verify("123456", "0680")
    assert customer_id is not None

    with unit_of_work():
        found = CUSTOMERS.find(customer_id)
        assert CUSTOMERS.find("nothing") is None

    assert found is not None
    assert (found.name, found.city, str(found.number), found.linked_at) == ("Bolaget AB", "Malmö", "123456", None)
    assert found.organisation_number == BOLAGET.organisation_number
