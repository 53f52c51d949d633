"""The Swedish personal number (personnummer, samordningsnummer): what it looks like, and that it is never shown."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from idp.core.people.digits import are_twelve, passes_luhn, typed_plainly

COORDINATION_DAY_OFFSET = 60
CENTURIES = ("18", "19", "20")
OLDEST_AGE = 120
"""Years. Ten digits are never read as somebody older than this."""

_TEN_DIGITS = re.compile(r"([0-9]{6})([-+]?)([0-9]{4})")
_TWELVE_DIGITS = re.compile(r"([0-9]{8})-?([0-9]{4})")


@dataclass(frozen=True, slots=True, repr=False)
class PersonalNumber:
    """Twelve digits with a right check digit; they are the whole identity (Population Registration Act, section 18).

    A coordination number (section 18 a) has 60 added to the day, and 00 for a day or month of birth that nobody knows:
    a birth date is something that a person may or may not have. Raises ValueError, without the digits, for others.
    """

    digits: str

    def __post_init__(self) -> None:
        if not are_twelve(self.digits):
            raise ValueError("a personal number has twelve digits")
        if not passes_luhn(self.digits[2:]):
            raise ValueError("the check digit is wrong")

    @classmethod
    def parse(cls, text: str, *, today: date | None = None) -> Self:
        """Read a personal number in any common spelling.

        Twelve digits say the century themselves. Ten digits need `today`: a hyphen means under a hundred years old,
        a plus the year somebody turns a hundred or later, and no separator is taken only where one reading is left.
        Raises ValueError, without the digits, when it is malformed or may be two persons.
        """
        plain = typed_plainly(text)
        if (twelve := _TWELVE_DIGITS.fullmatch(plain)) and plain.startswith(CENTURIES):
            return cls(twelve[1] + twelve[2])
        ten = _TEN_DIGITS.fullmatch(plain)
        if ten is None:
            raise ValueError("a personal number has ten or twelve digits")
        if today is None:
            raise ValueError("ten digits leave the century open")
        return cls(_century(ten[1], separator=ten[2], today=today) + ten[1] + ten[3])

    @property
    def birthdate(self) -> date | None:
        """The day of birth, for coordination numbers too; None where the digits are no day."""
        return birthdate_of(self.digits[:8])

    @property
    def is_coordination_number(self) -> bool:
        """Whether it was given to somebody who is not in the population register."""
        return int(self.digits[6:8]) >= COORDINATION_DAY_OFFSET

    def __repr__(self) -> str:
        return "PersonalNumber(…)"

    __str__ = __repr__


def birthdate_of(eight_digits: str) -> date | None:
    """Read YYYYMMDD, the day perhaps increased by 60; None when there is no such day."""
    year, month, day = _written(eight_digits)
    try:
        return date(year, month, day % COORDINATION_DAY_OFFSET)
    except ValueError:
        return None


def may_begin_a_number(eight_digits: str) -> bool:
    """Whether the digits are a day of birth, or say as coordination numbers do that its day or month is unknown."""
    _, month, day = _written(eight_digits)
    without_day = day == COORDINATION_DAY_OFFSET and month <= 12
    without_month = month == 0 and COORDINATION_DAY_OFFSET <= day <= COORDINATION_DAY_OFFSET + 31
    return eight_digits.startswith(CENTURIES) and (
        without_day or without_month or birthdate_of(eight_digits) is not None
    )


def _written(eight_digits: str) -> tuple[int, int, int]:
    return int(eight_digits[:4]), int(eight_digits[4:6]), int(eight_digits[6:])


def _century(six_digits: str, *, separator: str, today: date) -> str:
    readings = [
        century
        for century in CENTURIES
        if may_begin_a_number(century + six_digits) and _fits(century + six_digits, separator, today)
    ]
    if len(readings) != 1:
        raise ValueError("the century cannot be told")
    return readings[0]


def _fits(eight_digits: str, separator: str, today: date) -> bool:
    year, born = int(eight_digits[:4]), birthdate_of(eight_digits)
    age_this_year = today.year - year
    if (born and born > today) or not 0 <= age_this_year <= OLDEST_AGE:
        return False
    match separator:
        case "-":
            return age_this_year < 100
        case "+":
            return age_this_year >= 100
        case _:
            return True
