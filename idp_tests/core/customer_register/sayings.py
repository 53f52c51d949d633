"""Lines of a register and stored customers as short as a test wants to say them."""

from collections.abc import Iterable

from idp.core.customer_register.facts import Facts, NumberState, RegisteredCustomer
from idp.core.customer_register.line import RegisterLine
from idp.core.customer_register.plan import Plan
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber

ONE, TWO, THREE = "556016-0680", "559904-1125", "121212-1212"
ACTIVE, CLOSED, MISSING = NumberState.ACTIVE, NumberState.CLOSED, NumberState.MISSING
MAIL, PHONE = Email("info@example.se"), Phone("+46846500410")
FULL = Facts(name="Bolaget AB", city="Lund", email=MAIL, phone=PHONE)


def said(
    *numbers: str,
    org: str = ONE,
    line: int = 2,
    facts: Facts | None = None,
    state: NumberState | None = None,
    **more: object,
) -> RegisterLine:
    return RegisterLine(
        line=line,
        numbers=tuple(map(CustomerNumber, numbers)),
        organisation_number=OrganisationNumber.parse(org),
        facts=facts or Facts(name="Bolaget AB"),
        state=state,
        **more,  # type: ignore[arg-type]
    )


def stored(org: str = ONE, *, facts: Facts = FULL, **numbers: NumberState) -> RegisteredCustomer:
    return RegisteredCustomer(
        organisation_number=OrganisationNumber.parse(org),
        facts=facts,
        numbers={CustomerNumber(number.removeprefix("n")): state for number, state in numbers.items()},
    )


def applied(here: Iterable[RegisteredCustomer], made: Plan) -> list[RegisteredCustomer]:
    """What is stored after an import."""
    customers = {customer.organisation_number: customer for customer in here}
    customers |= {change.after.organisation_number: change.after for change in made.changes}
    return list(customers.values())


def after(made: Plan) -> RegisteredCustomer:
    (change,) = made.changes
    return change.after


def states(customer: RegisteredCustomer) -> dict[str, NumberState]:
    return {number.value: state for number, state in customer.numbers.items()}
