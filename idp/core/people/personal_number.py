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
    """Twelve digits YYYYMMDDNNNN with a real date and a right check digit (Population Registration Act, section 18).

    A coordination number (section 18 a) has 60 added to the day. Raises ValueError, without the digits, for others.
    """

    digits: str

    def __post_init__(self) -> None:
        if not are_twelve(self.digits):
            raise ValueError("a personal number has twelve digits")
        if not is_birthdate(self.digits[:8]):
            raise ValueError("a personal number begins with a date")
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
        if twelve := _TWELVE_DIGITS.fullmatch(plain):
            return cls(twelve[1] + twelve[2])
        ten = _TEN_DIGITS.fullmatch(plain)
        if ten is None:
            raise ValueError("a personal number has ten or twelve digits")
        if today is None:
            raise ValueError("ten digits leave the century open")
        return cls(_century(ten[1], separator=ten[2], today=today) + ten[1] + ten[3])

    @property
    def birthdate(self) -> date:
        """The day of birth, for coordination numbers too."""
        return birthdate_of(self.digits[:8])

    @property
    def is_coordination_number(self) -> bool:
        """Whether it was given to somebody who is not in the population register."""
        return int(self.digits[6:8]) > COORDINATION_DAY_OFFSET

    def __repr__(self) -> str:
        return "PersonalNumber(…)"

    __str__ = __repr__


def birthdate_of(eight_digits: str) -> date:
    """Read YYYYMMDD, the day perhaps increased by 60. Raises ValueError when there is no such day."""
    day = int(eight_digits[6:])
    if day > COORDINATION_DAY_OFFSET:
        day -= COORDINATION_DAY_OFFSET
    return date(int(eight_digits[:4]), int(eight_digits[4:6]), day)


def is_birthdate(eight_digits: str) -> bool:
    """Whether the digits are a day that somebody with a Swedish number may be born on."""
    try:
        birthdate_of(eight_digits)
    except ValueError:
        return False
    return eight_digits.startswith(CENTURIES)


def _century(six_digits: str, *, separator: str, today: date) -> str:
    readings = [
        century
        for century in CENTURIES
        if is_birthdate(century + six_digits) and _fits(birthdate_of(century + six_digits), separator, today)
    ]
    if len(readings) != 1:
        raise ValueError("the century cannot be told")
    return readings[0]


def _fits(born: date, separator: str, today: date) -> bool:
    age_this_year = today.year - born.year
    if born > today or age_this_year > OLDEST_AGE:
        return False
    match separator:
        case "-":
            return age_this_year < 100
        case "+":
            return age_this_year >= 100
        case _:
            return True
