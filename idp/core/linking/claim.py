"""Claim: what somebody states in order to be linked, two facts from an old invoice; they prove little, and open a link only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from idp.core.people.contact import FieldProblem, FieldProblems, parse_customer_number
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN, CustomerNumber
from idp.core.people.digits import all_ascii_digits, typed_plainly
from idp.core.people.organisation_number import OrganisationNumber


@dataclass(frozen=True, slots=True, repr=False)
class LastFour:
    """The last four digits of an organisation number: the old password, so never printed."""

    digits: str

    def __post_init__(self) -> None:
        if len(self.digits) != 4 or not all_ascii_digits(self.digits):
            raise ValueError("four digits")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read four digits, or take them from a whole valid organisation number. Raises ValueError."""
        plain = typed_plainly(text)
        bare = plain.removeprefix("-")
        return cls(bare) if len(bare) == 4 else cls(OrganisationNumber.parse(plain).last_four)

    def __repr__(self) -> str:
        return "LastFour(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An old customer number, and the digits that belong to it if the claim is true."""

    customer_number: CustomerNumber
    last_four: LastFour


def parse_claim(
    form: Mapping[str, str], pattern: str | re.Pattern[str] = CUSTOMER_NUMBER_PATTERN
) -> Claim | FieldProblems:
    """Read the fields customer_number and last_four; whether they belong together is not decided here."""
    number = parse_customer_number(form.get("customer_number", ""), pattern)
    last_four = _parse_last_four(form.get("last_four", ""))
    if isinstance(number, FieldProblem) or isinstance(last_four, FieldProblem):
        return FieldProblems.among(customer_number=number, last_four=last_four)
    return Claim(customer_number=number, last_four=last_four)


def _parse_last_four(text: str) -> LastFour | FieldProblem:
    if not text.strip():
        return FieldProblem.LAST_FOUR_MISSING
    try:
        return LastFour.parse(text)
    except ValueError:
        return FieldProblem.LAST_FOUR_MALFORMED
