"""One line of a register: what it says of one organisation, or why it is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

from idp.core.customer_register.cell import Refusal, has_broken_letters, says_nothing, trouble_in
from idp.core.customer_register.facts import Facts, Field, NumberState
from idp.core.customer_register.number_cells import NotUnderstood, customer_numbers_in, organisation_number_in
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.one_line import one_line
from idp.core.people.organisation_number import OrganisationNumber

LONGEST_NAME = 200
LONGEST_CITY = 100

_YES = frozenset({"ja", "j", "yes", "y", "true", "sant", "1", "x"})
_NO = frozenset({"nej", "n", "no", "false", "falskt", "0"})
_ACTIVE = frozenset({"aktiv", "aktivt", "aktiva", "active", "öppen", "open"})
_CLOSED = frozenset(
    {
        *("inaktiv", "inaktivt", "inaktiva", "ejaktiv", "inteaktiv", "ickeaktiv", "passiv", "inactive", "notactive"),
        *("avslutad", "avslutat", "stängd", "stängt", "upphörd", "upphört", "uppsagd", "utgått", "utgången"),
        *("avregistrerad", "makulerad", "borttagen", "raderad", "closed", "terminated", "ended", "deleted"),
    }
)
"""Without spaces and hyphens. A word that may mean either, such as "vilande" or "spärrad", is asked about."""
_NAMED_ADDRESS = re.compile(r"[^<>]*<([^<>\s]+)>|mailto:(\S+)", re.IGNORECASE)
_LEFT_BEHIND = " \t;,|"
"""Separators of a program that took the line for one with others."""
_Value = TypeVar("_Value")
_MOST_KEPT = 4096
"""Cells that are read once however often they stand there."""
_NONE_EMPTY: frozenset[Field] = frozenset()
_SWEDISH_TRUNK_ZERO = re.compile(r"\(0\)")
_WHOLE_DECIMAL = re.compile(r"([0-9]+)[.,]0+")
_NO_DAY = re.compile("[0 :.,/T-]+")
_LAST_NO_DAY = date(1970, 1, 1)
"""Up to here a day is what a program keeps for none: 0001-01-01, 1753-01-01, 1899-12-30, 1900-01-01, 1970-01-01."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell that was not understood and need not be: the line counts without it."""

    line: int
    column: Field
    reason: Refusal


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that is not imported, and the first thing wrong with it; never holds the cell's text."""

    line: int
    reason: Refusal
    column: Field | None = None
    numbers: tuple[CustomerNumber, ...] = ()
    """The numbers that it names; none of them is missing from the file."""
    organisation_number: OrganisationNumber | None = None
    understood: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """What a line says of one organisation and some of its numbers."""

    line: int
    numbers: tuple[CustomerNumber, ...]
    organisation_number: OrganisationNumber
    facts: Facts = field(default_factory=Facts)
    state: NumberState | None = None
    """None when the line does not say."""
    empty: frozenset[Field] = frozenset()
    """The facts that have a column and nothing in it."""
    from_decimals: bool = False
    left_out: tuple[LeftOut, ...] = ()


def read_line(
    line: int, cells: Mapping[Field, str], pattern: re.Pattern[str], *, today: date
) -> RegisterLine | RefusedLine:
    """Read one line's cells; a field without a column is not among them.

    A cell may hold several customer numbers, separated by semicolon, comma, slash, bar or line break. Only the numbers
    can refuse a line; any other cell that is not understood is left out and said.
    """
    numbers = customer_numbers_in(cells.get(Field.NUMBER, ""), pattern)
    organisation_number = organisation_number_in(cells.get(Field.ORGANISATION_NUMBER, ""))
    known = None if isinstance(organisation_number, NotUnderstood) else organisation_number
    if isinstance(numbers, NotUnderstood):
        return RefusedLine(line, numbers.reason, Field.NUMBER, numbers.numbers, known, numbers.understood)
    if isinstance(organisation_number, NotUnderstood):
        why = organisation_number
        return RefusedLine(line, why.reason, Field.ORGANISATION_NUMBER, numbers.numbers, None, why.understood)
    reading = _Reading(line, cells)
    return RegisterLine(
        line=line,
        numbers=numbers.numbers,
        organisation_number=organisation_number,
        facts=Facts(
            name=reading.fact(Field.NAME, lambda cell: _text(cell, LONGEST_NAME)),
            city=reading.fact(Field.CITY, _city),
            email=reading.fact(Field.EMAIL, _email),
            phone=reading.fact(Field.PHONE, _phone),
        ),
        state=reading.state(today),
        empty=frozenset(reading.empty) if reading.empty else _NONE_EMPTY,
        from_decimals=numbers.from_decimals,
        left_out=tuple(reading.left_out),
    )


class _Reading:
    """Reads the cells that need not be understood, and notes those that are not."""

    def __init__(self, line: int, cells: Mapping[Field, str]) -> None:
        self._line = line
        self._cells = cells
        self.empty: list[Field] = []
        self.left_out: list[LeftOut] = []

    def fact(self, column: Field, read: Callable[[str], _Value | Refusal]) -> _Value | None:
        cell = self._cells.get(column)
        if cell is None:
            return None
        if says_nothing(cell):
            self.empty.append(column)
            return None
        return self._unless_refused(column, read(cell))

    def state(self, today: date) -> NumberState | None:
        """By the column "Aktiv", or by one that says the opposite, such as "Inaktiv"; together they must say one thing."""
        said = [
            self._unless_refused(column, _state_in(column, self._cells[column], today))
            for column in (Field.ACTIVE, Field.CLOSED)
            if column in self._cells
        ]
        if NumberState.ACTIVE in said and NumberState.CLOSED in said:
            return self._unless_refused(Field.CLOSED, Refusal.AMBIGUOUS)
        return next((state for state in said if state is not None), None)

    def _unless_refused(self, column: Field, value: _Value | Refusal) -> _Value | None:
        if not isinstance(value, Refusal):
            return value
        self.left_out.append(LeftOut(self._line, column, value))
        return None


def _text(cell: str, longest: int) -> str | Refusal:
    if trouble := trouble_in(cell):
        return trouble
    try:
        text = one_line(cell.rstrip(_LEFT_BEHIND), longest=longest)
    except ValueError:
        return Refusal.TOO_LONG if len(cell) > longest else Refusal.MALFORMED
    return Refusal.BROKEN_LETTERS if has_broken_letters(text) else text


@lru_cache(maxsize=_MOST_KEPT)
def _city(cell: str) -> str | Refusal:
    """A register has far fewer cities than lines."""
    return _text(cell, LONGEST_CITY)


def _email(cell: str) -> Email | Refusal:
    text = cell.strip().strip(";,")
    named = _NAMED_ADDRESS.fullmatch(text)
    try:
        return Email.parse((named[1] or named[2]) if named else text)
    except ValueError:
        return trouble_in(cell) or (Refusal.SEVERAL if cell.count("@") > 1 else Refusal.MALFORMED)


def _phone(cell: str) -> Phone | Refusal:
    whole = _WHOLE_DECIMAL.fullmatch(cell.strip())
    try:
        return Phone.parse(whole[1] if whole else _SWEDISH_TRUNK_ZERO.sub("", cell))
    except ValueError:
        return trouble_in(cell) or Refusal.MALFORMED


@lru_cache(maxsize=_MOST_KEPT)
def _state_in(column: Field, cell: str, today: date) -> NumberState | Refusal | None:
    if says_nothing(cell):
        return None if column is Field.ACTIVE else NumberState.ACTIVE
    word = "".join(char for char in _WHOLE_DECIMAL.sub(r"\1", cell.strip()).casefold() if char.isalnum())
    if word in _ACTIVE or word in (_YES if column is Field.ACTIVE else _NO):
        return NumberState.ACTIVE
    if word in _CLOSED or word in (_NO if column is Field.ACTIVE else _YES):
        return NumberState.CLOSED
    ended = _day(cell) if column is Field.CLOSED else None
    if ended is None:
        return trouble_in(cell) or Refusal.UNKNOWN_WORD
    return NumberState.CLOSED if _LAST_NO_DAY < ended <= today else NumberState.ACTIVE


def _day(cell: str) -> date | None:
    text = cell.strip()
    if _NO_DAY.fullmatch(text):
        return _LAST_NO_DAY
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
