"""The customer register as it comes from the old system: one entry per customer number, and what an import would do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.one_line import one_line
from idp.core.people.organisation_number import OrganisationNumber

LONGEST_NAME = 200
LONGEST_CITY = 100

_BETWEEN_NUMBERS = re.compile(r"[;,/|\n]")
_YES = frozenset({"", "ja", "j", "yes", "y", "true", "sant", "1", "x", "aktiv", "active"})
_NO = frozenset({"nej", "n", "no", "false", "falskt", "0", "inaktiv", "inactive", "avslutad", "closed"})


class Field(StrEnum):
    """The facts that the register states about a customer."""

    NUMBER = "customer_number"
    ORGANISATION_NUMBER = "organisation_number"
    NAME = "name"
    CITY = "city"
    EMAIL = "email"
    PHONE = "phone"
    ACTIVE = "active"


class Refusal(StrEnum):
    """Why a line is not imported."""

    MISSING = "missing"
    MALFORMED = "malformed"
    UNREADABLE = "unreadable"
    """Quotation marks that do not close."""
    TOO_MANY_CELLS = "too_many_cells"
    TWO_ORGANISATIONS = "two_organisations"
    """The file gives this number to two organisations; neither is believed."""
    MOVED = "moved"
    """The number belongs to another organisation here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One customer number with the facts of its customer; entries of one organisation number are one customer."""

    number: CustomerNumber
    organisation_number: OrganisationNumber
    name: str
    city: str = ""
    email: Email | None = None
    phone: Phone | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """An entry and the line of the file it stands on."""

    line: int
    entry: RegisterEntry


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that is not imported, and the first thing wrong with it; never holds the cell's text."""

    line: int
    reason: Refusal
    field: Field | None = None
    numbers: tuple[CustomerNumber, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import would do; importing the same file again leaves only `unchanged`."""

    new: tuple[RegisterEntry, ...]
    changed: tuple[RegisterEntry, ...]
    unchanged: tuple[RegisterEntry, ...]
    refused: tuple[RefusedLine, ...]
    missing: tuple[RegisterEntry, ...]
    """Active here, but not in the file."""
    repeated_lines: tuple[int, ...]
    """Lines that say again which organisation a number belongs to; the first line counts."""

    @property
    def to_save(self) -> tuple[RegisterEntry, ...]:
        """The entries that have to be written."""
        return self.new + self.changed


def read_line(
    line: int, cells: Mapping[Field, str], pattern: str | re.Pattern[str]
) -> tuple[Row, ...] | tuple[RefusedLine]:
    """Read one line's cells: a row per customer number in it, or what is wrong with it.

    A cell may hold several customer numbers, separated by semicolon, comma, slash, bar or line break.
    """
    numbers: tuple[CustomerNumber, ...] = ()
    field = Field.NUMBER
    try:
        numbers = _numbers(cells.get(Field.NUMBER, ""), pattern)
        field = Field.ORGANISATION_NUMBER
        organisation_number = OrganisationNumber.parse(_present(cells.get(field, "")))
        field = Field.NAME
        name = _present(one_line(cells.get(field, ""), longest=LONGEST_NAME))
        field = Field.CITY
        city = one_line(cells.get(field, ""), longest=LONGEST_CITY)
        field = Field.EMAIL
        email = Email.parse(cell) if (cell := cells.get(field, "").strip()) else None
        field = Field.PHONE
        phone = Phone.parse(cell) if (cell := cells.get(field, "").strip()) else None
        field = Field.ACTIVE
        active = _active(cells.get(field, ""))
    except _MissingError:
        return (RefusedLine(line, Refusal.MISSING, field, numbers),)
    except ValueError:
        return (RefusedLine(line, Refusal.MALFORMED, field, numbers),)
    return tuple(
        Row(
            line,
            RegisterEntry(
                number=number,
                organisation_number=organisation_number,
                name=name,
                city=city,
                email=email,
                phone=phone,
                active=active,
            ),
        )
        for number in numbers
    )


def plan(
    lines: Iterable[Row | RefusedLine],
    existing: Mapping[CustomerNumber, RegisterEntry],
    *,
    allow_moved: bool = False,
) -> Plan:
    """Compare a file with what is stored; nothing is written here.

    A number that the file gives to two organisations is refused on all its lines. A number that is stored for another
    organisation is refused too unless `allow_moved`, because persons may be linked by it already.
    """
    refused: list[RefusedLine] = []
    by_number: dict[CustomerNumber, list[Row]] = {}
    for line in lines:
        if isinstance(line, RefusedLine):
            refused.append(line)
        else:
            by_number.setdefault(line.entry.number, []).append(line)
    accepted: list[RegisterEntry] = []
    repeated: list[int] = []
    for number, rows in by_number.items():
        refusal = _refusal(rows, None if allow_moved else existing.get(number))
        if refusal is None:
            accepted.append(rows[0].entry)
            repeated += [row.line for row in rows[1:]]
        else:
            refused += [RefusedLine(row.line, refusal, Field.NUMBER, (number,)) for row in rows]
    mentioned = by_number.keys() | {number for line in refused for number in line.numbers}
    merged = _merged_by_organisation(accepted)
    return Plan(
        new=tuple(entry for entry in merged if entry.number not in existing),
        changed=tuple(entry for entry in merged if existing.get(entry.number, entry) != entry),
        unchanged=tuple(entry for entry in merged if existing.get(entry.number) == entry),
        refused=tuple(sorted(refused, key=lambda refusal: refusal.line)),
        missing=tuple(entry for number, entry in existing.items() if entry.active and number not in mentioned),
        repeated_lines=tuple(sorted(repeated)),
    )


def _refusal(rows: list[Row], stored: RegisterEntry | None) -> Refusal | None:
    organisations = {row.entry.organisation_number for row in rows}
    if len(organisations) > 1:
        return Refusal.TWO_ORGANISATIONS
    if stored is not None and stored.organisation_number not in organisations:
        return Refusal.MOVED
    return None


def _merged_by_organisation(entries: list[RegisterEntry]) -> list[RegisterEntry]:
    """Give all numbers of one organisation the same facts: the first that is stated, and active if any number is.

    Old numbers that were merged into a customer are closed in the old system and must still lead to the customer.
    """
    facts: dict[OrganisationNumber, RegisterEntry] = {}
    for entry in entries:
        known = facts.setdefault(entry.organisation_number, entry)
        facts[entry.organisation_number] = replace(
            known,
            city=known.city or entry.city,
            email=known.email or entry.email,
            phone=known.phone or entry.phone,
            active=known.active or entry.active,
        )
    return [replace(facts[entry.organisation_number], number=entry.number) for entry in entries]


class _MissingError(Exception):
    """A cell that must have text is empty."""


def _present(text: str) -> str:
    if not text.strip():
        raise _MissingError
    return text


def _numbers(cell: str, pattern: str | re.Pattern[str]) -> tuple[CustomerNumber, ...]:
    written = [part for part in _BETWEEN_NUMBERS.split(_present(cell)) if part.strip()]
    if not written:
        raise _MissingError
    return tuple(dict.fromkeys(CustomerNumber.parse(part, pattern) for part in written))


def _active(cell: str) -> bool:
    word = cell.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError("neither yes nor no")
