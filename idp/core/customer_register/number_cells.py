"""What number a cell means: one, when there is exactly one meaning; what was understood otherwise.

Office programs, data frames and ERP exports write numbers with decimals, powers of ten, thousands separators and marks for
text, lose leading zeros and take numbers for dates. A number that would be wrong keeps people out or lets others in, so
nothing here is guessed.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from idp.core.customer_register.cell import Refusal, has_small_digits, plain, says_nothing, trouble_in
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber

LONGEST_CELL = 1000
"""Characters of a cell with customer numbers."""

_BETWEEN_NUMBERS = re.compile(r"[;,/|\n\t&+]|\s(?:och|and|samt)\s", re.IGNORECASE)
_DECIMAL = re.compile(r"(?P<whole>[0-9]+)[.,](?P<fraction>[0-9]+)")
_GROUPED = re.compile(r"[0-9]{1,3}([ .,'’])[0-9]{3}(?:\1[0-9]{3})*")
_POWER_OF_TEN = re.compile(r"(?P<first>[0-9])(?:[.,](?P<rest>[0-9]+))?E\+?(?P<power>[0-9]{1,3})", re.IGNORECASE)
_MONTH, _DAY = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(
    rf"(?:[0-9]{{4}}([-./]){_MONTH}\1{_DAY}|(?:{_DAY}([-./]){_MONTH}|{_MONTH}([-./]){_DAY})(?:\2|\3)(?:[0-9]{{2}}){{1,2}}"
    rf"|[0-9]{{2}}([-./]){_MONTH}\4{_DAY})(?:[ T][0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?:\.[0-9]+)?)?"
)
_ORGANISATION_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{2})?[0-9]{6} ?- ?[0-9]{4}(?![0-9])|(?<![0-9])[0-9]{10}(?![0-9])")
_SHORTEST_WITHOUT_ZEROS = 7
"""Digits of the organisation number of a sole trader born on a day like 2000-01-01, as a number."""


@dataclass(frozen=True, slots=True)
class CustomerNumbers:
    """The customer numbers that a cell means."""

    numbers: tuple[CustomerNumber, ...]
    from_decimals: bool = False
    """One was written with decimals that are all 0; not so where the register has sub-numbers such as 1001.01."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """No meaning, or more than one."""

    reason: Refusal
    understood: tuple[str, ...] = ()
    """For customer numbers, the meanings; for organisation numbers, a count of digits. Never an organisation number."""
    numbers: tuple[CustomerNumber, ...] = ()
    """Those that the cell names in any case."""


def customer_numbers_in(cell: str, pattern: re.Pattern[str]) -> CustomerNumbers | NotUnderstood:
    """Read a cell with one customer number, or several between semicolons, commas, slashes, bars or line breaks."""
    if pattern.fullmatch(cell) and cell.isascii() and cell.isalnum() and not _POWER_OF_TEN.fullmatch(cell):
        return CustomerNumbers((CustomerNumber(cell),))
    if len(cell) > LONGEST_CELL:
        return NotUnderstood(Refusal.TOO_LONG)
    if has_small_digits(cell):
        return NotUnderstood(Refusal.MALFORMED)
    text = plain(cell)
    if says_nothing(text) or not _BETWEEN_NUMBERS.sub("", text).strip():
        return NotUnderstood(Refusal.MISSING)
    if trouble := trouble_in(text):
        return NotUnderstood(trouble)
    if _DATE.fullmatch(text):
        return NotUnderstood(Refusal.DATE)
    meanings = _meanings(text, pattern)
    if not meanings and not _is_range(text, pattern):
        return NotUnderstood(_why_nothing(text), numbers=_named(text, pattern))
    if len(meanings) > 1 or _is_range(text, pattern):
        named = {number: None for meaning in meanings for number in meaning}
        return NotUnderstood(
            Refusal.AMBIGUOUS,
            tuple(map(", ".join, meanings)),
            (*map(CustomerNumber, named), *_named(text.replace("-", ";"), pattern)),
        )
    (numbers,) = meanings
    return CustomerNumbers(tuple(map(CustomerNumber, numbers)), _has_decimals(text))


def organisation_number_in(cell: str) -> OrganisationNumber | NotUnderstood:
    """Read a cell with one organisation number in any spelling."""
    if has_small_digits(cell):
        return NotUnderstood(Refusal.MALFORMED)
    text = plain(cell)
    if says_nothing(text):
        return NotUnderstood(Refusal.MISSING)
    if trouble := trouble_in(text):
        return NotUnderstood(trouble)
    for spelling in (text, *_numbers_of_programs(text)):
        try:
            return OrganisationNumber.parse(spelling)
        except ValueError:
            continue
    return _with_zeros(text) or NotUnderstood(*_why_no_organisation(text))


def _meanings(text: str, pattern: re.Pattern[str]) -> dict[tuple[str, ...], None]:
    """Every list of numbers that the text may mean, each once."""
    found: dict[tuple[str, ...], None] = {(number,): None for number in _single(text, pattern)}
    for separator in (_BETWEEN_NUMBERS, re.compile(r"\s+")):
        parts = [part.strip() for part in separator.split(text) if part.strip()]
        readings = [_single(part, pattern) for part in parts]
        if len(parts) > 1 and all(len(reading) == 1 for reading in readings):
            found[tuple(dict.fromkeys(number for reading in readings for number in reading))] = None
    return found


def _is_range(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether it may mean all numbers from one to another."""
    first, dash, last = text.partition("-")
    return bool(dash and pattern.fullmatch(first.strip()) and pattern.fullmatch(last.strip()))


def _single(text: str, pattern: re.Pattern[str]) -> dict[str, None]:
    """Every one number that the text may mean."""
    found = {number: None for number in _numbers_of_programs(text) if pattern.fullmatch(number)}
    if not _DECIMAL.fullmatch(text) and not text.startswith(("-", "(")) and not text.endswith("-"):
        with suppress(ValueError):
            found[CustomerNumber.parse(text.lstrip("#"), pattern).value] = None
    return found


def _numbers_of_programs(text: str) -> Iterator[str]:
    """The digits of a whole number as programs write it: 10012345.0, 10 012 345, 1.0012345E7."""
    if _GROUPED.fullmatch(text):
        yield re.sub("[^0-9]", "", text)
    if (decimal := _DECIMAL.fullmatch(text)) and not decimal["fraction"].strip("0"):
        yield decimal["whole"]
    if power := _POWER_OF_TEN.fullmatch(text):
        digits = power["first"] + (power["rest"] or "")
        if len(digits) == int(power["power"]) + 1:  # with fewer, nobody knows whether they were 0
            yield digits


def _has_decimals(text: str) -> bool:
    return any(
        _DECIMAL.fullmatch(part.strip()) and not _GROUPED.fullmatch(part.strip())
        for part in (text, *re.split(r"[;/|\n\t&+]", text))
    )


def _named(text: str, pattern: re.Pattern[str]) -> tuple[CustomerNumber, ...]:
    parts = _BETWEEN_NUMBERS.split(text)
    single = (_single(part.strip(), pattern) for part in parts if part.strip())
    return tuple(CustomerNumber(number) for reading in single for number in reading)


def _why_nothing(text: str) -> Refusal:
    if _POWER_OF_TEN.fullmatch(text):
        return Refusal.LOST_DIGITS
    return Refusal.FRACTION if _DECIMAL.fullmatch(text) else Refusal.MALFORMED


def _with_zeros(text: str) -> OrganisationNumber | None:
    """A sole trader's number whose zeros in front were lost; a legal person's never begins with 0."""
    for digits in (text, *_numbers_of_programs(text)):
        if digits.isascii() and digits.isdigit() and _SHORTEST_WITHOUT_ZEROS <= len(digits) < 10:
            try:
                number = OrganisationNumber(digits.zfill(10))
            except ValueError:
                return None
            return number if number.is_sole_trader else None
    return None


def _why_no_organisation(text: str) -> tuple[Refusal, tuple[str, ...]]:
    if len(_ORGANISATION_NUMBER.findall(text)) > 1:
        return Refusal.SEVERAL, ()
    if _POWER_OF_TEN.fullmatch(text):
        return Refusal.LOST_DIGITS, ()
    digits = re.sub("[ -]", "", text)
    if not (digits.isascii() and digits.isdigit()):
        return Refusal.MALFORMED, ()
    return (Refusal.CHECK_DIGIT, ()) if len(digits) in (10, 12) else (Refusal.MALFORMED, (f"{len(digits)} digits",))
