"""A customer register for a test: customers valid by default, and the import that puts them into a database."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from idp.adapters.database.customer_register import DatabaseRegister
from idp.core.customer_register.facts import Facts, NumberState, RegisteredCustomer
from idp.core.customer_register.plan import Change
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber


def a_registered_customer(
    *numbers: str,
    organisation_number: str = "556016-0680",
    name: str = "Exempelbolaget AB",
    city: str | None = "Malmö",
    email: str | None = None,
    phone: str | None = None,
    states: Mapping[str, NumberState] | None = None,
) -> RegisteredCustomer:
    stated = dict.fromkeys(numbers, NumberState.ACTIVE) | dict(states or {})
    return RegisteredCustomer(
        organisation_number=OrganisationNumber.parse(organisation_number),
        facts=Facts(
            name=name,
            city=city,
            email=Email.parse(email) if email else None,
            phone=Phone.parse(phone) if phone else None,
        ),
        numbers={
            CustomerNumber(number): state for number, state in (stated or {"10012345": NumberState.ACTIVE}).items()
        },
    )


def fill_register(register: DatabaseRegister, customers: Iterable[RegisteredCustomer], now: datetime) -> None:
    """Store customers as an import does; those that are there are replaced."""
    snapshot = register.read()
    stored = {customer.organisation_number: customer for customer in snapshot.customers}
    pairs = [(stored.get(customer.organisation_number), customer) for customer in customers]
    changes = [Change(before, replace(after, id=before.id if before else None)) for before, after in pairs]
    assert register.save(changes, snapshot.version, now)
