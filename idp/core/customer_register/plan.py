"""The plan of an import: per organisation, together with what is stored; what it says is what happens."""

from collections.abc import Iterable
from dataclasses import dataclass

from idp.core.customer_register.claims import (
    Believed,
    Customers,
    refuse_doubtful_decimals,
    refuse_numbers,
    restore_zeros,
)
from idp.core.customer_register.facts import NumberState, RegisteredCustomer
from idp.core.customer_register.line import LeftOut, RefusedLine, RegisterLine
from idp.core.customer_register.merge import merged, set_missing, take_moved
from idp.core.people.customer import CustomerNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the operator allows beyond adding and changing facts."""

    allow_moved: bool = False
    """A number may be given to another organisation than before."""
    close_missing: bool = False
    """Close the active numbers that the file does not have."""
    empty_erases: bool = False
    """A fact with an empty cell, in a column that is there, is erased."""


@dataclass(frozen=True, slots=True)
class Change:
    """One organisation before and after; new when there was none."""

    before: RegisteredCustomer | None
    after: RegisteredCustomer


@dataclass(frozen=True, slots=True)
class MovedNumber:
    """A number that means another organisation afterwards."""

    number: CustomerNumber
    before: RegisteredCustomer
    after: RegisteredCustomer


@dataclass(frozen=True, slots=True)
class MissingNumber:
    """A number that is active here and not in the file."""

    number: CustomerNumber
    customer: RegisteredCustomer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import does; importing the same file again changes nothing."""

    changes: tuple[Change, ...]
    unchanged: int
    """Organisations of the file that are stored as the file says."""
    moved: tuple[MovedNumber, ...]
    missing: tuple[MissingNumber, ...]
    refused: tuple[RefusedLine, ...]
    left_out: tuple[LeftOut, ...]
    repeated_lines: tuple[int, ...]
    """Lines that name a number again; all lines of an organisation count together."""
    zeros_restored: tuple[CustomerNumber, ...]
    """Stored numbers that the file has without the zeros in front."""
    active_before: int
    """Organisations."""

    @property
    def new(self) -> tuple[Change, ...]:
        """Organisations that are not stored yet."""
        return tuple(change for change in self.changes if change.before is None)

    @property
    def closing(self) -> tuple[Change, ...]:
        """Organisations whose last active number closes, moves or is missing."""
        return tuple(
            each for each in self.changes if each.before and each.before.is_active and not each.after.is_active
        )

    @property
    def reopening(self) -> tuple[Change, ...]:
        """Organisations that have an active number again."""
        return tuple(
            each for each in self.changes if each.before and not each.before.is_active and each.after.is_active
        )

    @property
    def closing_share(self) -> float:
        """Of the organisations that were active, those that are not afterwards."""
        return len(self.closing) / self.active_before if self.active_before else 0.0

    @property
    def blind_lines(self) -> tuple[int, ...]:
        """Refused lines that name nobody: whom they are about may look missing."""
        return tuple(line.line for line in self.refused if not line.numbers and line.organisation_number is None)


def plan(
    lines: Iterable[RegisterLine | RefusedLine],
    stored: Iterable[RegisteredCustomer],
    options: ImportOptions | None = None,
) -> Plan:
    """Compare a file with what is stored; nothing is written here.

    A number that the file gives to two organisations is refused on all its lines. A number that is stored for another
    organisation is refused too unless that is allowed, because people may be linked by it already.
    """
    options = options or ImportOptions()
    here = {customer.organisation_number: customer for customer in stored}
    owners = {number: customer.organisation_number for customer in here.values() for number in customer.numbers}
    believed = Believed.among(lines, here)
    restored = restore_zeros(believed, here, owners)
    refuse_doubtful_decimals(believed)
    refuse_numbers(believed, owners, allow_moved=options.allow_moved)
    after = merged(believed, here, empty_erases=options.empty_erases)
    moves = take_moved(believed.lines, after, here, owners)
    missing = _missing(believed, here)
    if options.close_missing:
        set_missing(after, here, [each.number for each in missing], owners)
    changes = tuple(Change(here.get(key), customer) for key, customer in after.items() if here.get(key) != customer)
    return Plan(
        changes=changes,
        unchanged=len(after) - len(changes),
        moved=tuple(MovedNumber(number, here[source], after[target]) for number, (source, target) in moves.items()),
        missing=missing,
        refused=tuple(sorted(believed.refused, key=lambda line: line.line)),
        left_out=tuple(each for line in believed.lines for each in line.left_out),
        repeated_lines=_repeated(believed.lines),
        zeros_restored=restored,
        active_before=sum(customer.is_active for customer in here.values()),
    )


def _missing(believed: Believed, here: Customers) -> tuple[MissingNumber, ...]:
    """What a refused line names is not missing, nor is a number of an organisation whose line has none that is read."""
    named = {number for line in believed.lines for number in line.numbers}
    named |= {number for line in believed.refused for number in line.numbers}
    unclear = {line.organisation_number for line in believed.refused if not line.numbers}
    missing = (
        MissingNumber(number, customer)
        for customer in here.values()
        if customer.organisation_number not in unclear
        for number, state in customer.numbers.items()
        if state is NumberState.ACTIVE and number not in named
    )
    return tuple(sorted(missing, key=lambda each: each.number.value))


def _repeated(lines: Iterable[RegisterLine]) -> tuple[int, ...]:
    seen: set[CustomerNumber] = set()
    repeated = []
    for line in lines:
        if seen.intersection(line.numbers):
            repeated.append(line.line)
        seen.update(line.numbers)
    return tuple(repeated)
