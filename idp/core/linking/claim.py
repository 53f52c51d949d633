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
        """Read four digits, with or without the dash before them. Raises ValueError."""
        return cls(typed_plainly(text).removeprefix("-"))

    def __repr__(self) -> str:
        return "LastFour(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An old customer number, and the digits that belong to it if the claim is true."""

    customer_number: CustomerNumber
    digits: LastFour | OrganisationNumber
    """The whole number is ten times harder to guess at least, and proves where the four are not enough any more."""


def parse_claim(
    form: Mapping[str, str], pattern: str | re.Pattern[str] = CUSTOMER_NUMBER_PATTERN
) -> Claim | FieldProblems:
    """Read customer_number, and whole_number where that was asked for, else last_four, which takes either.

    Whether they belong together is not decided here.
    """
    number = parse_customer_number(form.get("customer_number", ""), pattern)
    if asks_whole_number(form):
        digits: LastFour | OrganisationNumber | FieldProblem = _parse_whole_number(form["whole_number"])
        field = "whole_number"
    else:
        digits, field = _parse_last_four(form.get("last_four", "")), "last_four"
    if isinstance(number, FieldProblem) or isinstance(digits, FieldProblem):
        return FieldProblems.among(**{"customer_number": number, field: digits})
    return Claim(customer_number=number, digits=digits)


def asks_whole_number(form: Mapping[str, str]) -> bool:
    """Whether it is the form that is shown once four digits are not enough."""
    return "whole_number" in form


def _parse_last_four(text: str) -> LastFour | OrganisationNumber | FieldProblem:
    if not text.strip():
        return FieldProblem.LAST_FOUR_MISSING
    try:
        return LastFour.parse(text) if len(typed_plainly(text)) <= len("-0680") else OrganisationNumber.parse(text)
    except ValueError:
        return FieldProblem.LAST_FOUR_MALFORMED


def _parse_whole_number(text: str) -> OrganisationNumber | FieldProblem:
    if not text.strip():
        return FieldProblem.WHOLE_NUMBER_MISSING
    try:
        return OrganisationNumber.parse(text)
    except ValueError:
        return FieldProblem.WHOLE_NUMBER_MALFORMED
