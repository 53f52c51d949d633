"""The Swedish organisation number: checksum, spellings, last four digits, and sole traders who use their own number."""

import re
from dataclasses import dataclass
from typing import Self

from idp.core.people.digits import all_ascii_digits, passes_luhn, typed_plainly
from idp.core.people.personal_number import CENTURIES, PersonalNumber, may_begin_a_number

_LEGAL_PERSON_PREFIX = "16"
_SPELLINGS = re.compile(r"(?:SE-?)(?P<vat>[0-9]{6}-?[0-9]{4})-?01|(?P<prefix>[0-9]{2})?(?P<ten>[0-9]{6}[-+]?[0-9]{4})")


@dataclass(frozen=True, slots=True, repr=False)
class OrganisationNumber:
    """Ten digits with a right check digit: a legal person's number, or a sole trader's personal number.

    A legal person's third digit is at least 2, so that the two never meet (SFS 1974:174, section 1). Raises
    ValueError, without the digits, for others.
    """

    digits: str

    def __post_init__(self) -> None:
        if len(self.digits) != 10 or not all_ascii_digits(self.digits):
            raise ValueError("an organisation number has ten digits")
        if not passes_luhn(self.digits):
            raise ValueError("the check digit is wrong")
        if self.is_sole_trader and not any(may_begin_a_number(century + self.digits[:6]) for century in CENTURIES):
            raise ValueError("a sole trader's number begins with a day of birth")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an organisation number in any common spelling: 556016-0680, 16556016-0680, SE556016068001, a dash, spaces.

        Raises ValueError, without the digits.
        """
        spelling = _SPELLINGS.fullmatch(typed_plainly(text).upper())
        if spelling is None:
            raise ValueError("an organisation number has ten or twelve digits")
        number = cls((spelling["vat"] or spelling["ten"]).replace("-", "").replace("+", ""))
        prefix = spelling["prefix"]
        if prefix is not None and not number._may_follow(prefix):
            raise ValueError("the first two of twelve digits do not belong there")
        return number

    @classmethod
    def of_sole_trader(cls, person: PersonalNumber) -> Self:
        """The number that the person trades under, if at all: a firm of somebody's own has its owner's number."""
        return cls(person.digits[2:])

    def _may_follow(self, prefix: str) -> bool:
        if self.is_sole_trader:
            return may_begin_a_number(prefix + self.digits[:6])
        return prefix == _LEGAL_PERSON_PREFIX

    @property
    def is_sole_trader(self) -> bool:
        """Whether it is a person's own number (enskild firma)."""
        return int(self.digits[2]) < 2

    @property
    def last_four(self) -> str:
        """The four digits that the old login asked for."""
        return self.digits[6:]

    @property
    def formatted(self) -> str:
        """The written form, 556016-0680; a sole trader's is a personal number and not for other people's eyes."""
        return f"{self.digits[:6]}-{self.digits[6:]}"

    @property
    def shown(self) -> str:
        """The form for pages, lists and support: of a sole trader only the last four digits."""
        return f"••••••-{self.last_four}" if self.is_sole_trader else self.formatted

    def __repr__(self) -> str:
        return "OrganisationNumber(sole trader …)" if self.is_sole_trader else f"OrganisationNumber({self.formatted})"

    def __str__(self) -> str:
        return self.shown
