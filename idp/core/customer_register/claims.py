"""Which numbers a line of the file may speak of: its claims beside those of other lines and of the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Field, RegisteredCustomer
from idp.core.customer_register.line import RefusedLine, RegisterLine
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber

Customers = Mapping[OrganisationNumber, RegisteredCustomer]
Owners = Mapping[CustomerNumber, OrganisationNumber]


@dataclass(slots=True)
class Believed:
    """The lines of the file as far as they are believed, and those that are refused."""

    lines: list[RegisterLine] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)

    @classmethod
    def among(cls, lines: Iterable[RegisterLine | RefusedLine], here: Customers) -> "Believed":
        """Every line that could be read."""
        believed = cls()
        for line in lines:
            match line:
                case RegisterLine():
                    customer = here.get(line.organisation_number)
                    believed.lines.append(_sharing(line, customer) if customer else line)
                case RefusedLine():
                    believed.refused.append(line)
        return believed

    def refuse(self, line: RegisterLine, reason: Refusal, numbers: tuple[CustomerNumber, ...]) -> None:
        """Refuse a line for some of its numbers; it is still among the lines."""
        column = Field.NAME if reason is Refusal.NO_NAME else Field.NUMBER
        self.refused.append(RefusedLine(line.line, reason, column, numbers, line.organisation_number))


def _sharing(line: RegisterLine, customer: RegisteredCustomer) -> RegisterLine:
    """The same line made of the stored objects where they are equal: most of a register is, and twice fills memory."""
    numbers = tuple(customer.numbers)
    return replace(
        line,
        organisation_number=customer.organisation_number,
        numbers=numbers if numbers == line.numbers else line.numbers,
        facts=line.facts.sharing(customer.facts),
    )


def restore_zeros(believed: Believed, here: Customers, owners: Owners) -> tuple[CustomerNumber, ...]:
    """Take 731204 for 00731204 where that is stored for the same organisation, and the file does not have it."""
    in_file = {number for line in believed.lines for number in line.numbers}
    restored: dict[CustomerNumber, None] = {}
    for at, line in enumerate(believed.lines):
        customer = here.get(line.organisation_number)
        if customer is None or all(number in owners for number in line.numbers):
            continue
        numbers = tuple(_stored_spelling(number, customer, in_file, owners) for number in line.numbers)
        restored.update(dict.fromkeys(set(numbers) - set(line.numbers)))
        believed.lines[at] = replace(line, numbers=numbers)
    return tuple(restored)


def _stored_spelling(
    number: CustomerNumber,
    customer: RegisteredCustomer,
    in_file: set[CustomerNumber],
    owners: Owners,
) -> CustomerNumber:
    if number in owners:
        return number
    spellings = [
        known for known in customer.numbers if known.value.lstrip("0") == number.value and known not in in_file
    ]
    return spellings[0] if len(spellings) == 1 else number


def refuse_doubtful_decimals(believed: Believed) -> None:
    """Where the file has sub-numbers such as 1001.01, nobody knows whether 1001.00 is one or the number 1001."""
    if not any(line.reason is Refusal.FRACTION for line in believed.refused):
        return
    for line in believed.lines:
        if line.from_decimals:
            believed.refuse(line, Refusal.AMBIGUOUS, line.numbers)
    believed.lines = [line for line in believed.lines if not line.from_decimals]


def refuse_numbers(believed: Believed, owners: Owners, *, allow_moved: bool) -> None:
    """Leave to each line the numbers that it may speak of."""
    claimed: dict[CustomerNumber, OrganisationNumber] = {}
    contested: set[CustomerNumber] = set()
    for line in believed.lines:
        for number in line.numbers:
            if claimed.setdefault(number, line.organisation_number) != line.organisation_number:
                contested.add(number)
    kept = []
    for line in believed.lines:
        reasons = {
            number: Refusal.TWO_ORGANISATIONS if number in contested else _moves(line, number, owners, allow_moved)
            for number in line.numbers
        }
        for number, reason in reasons.items():
            if reason is not None:
                believed.refuse(line, reason, (number,))
        if left := tuple(number for number, reason in reasons.items() if reason is None):
            kept.append(line if left == line.numbers else replace(line, numbers=left))
    believed.lines = kept


def _moves(
    line: RegisterLine,
    number: CustomerNumber,
    owners: Owners,
    allow_moved: bool,  # noqa: FBT001 - passed on
) -> Refusal | None:
    moves = owners.get(number, line.organisation_number) != line.organisation_number
    return Refusal.MOVED if moves and not allow_moved else None
