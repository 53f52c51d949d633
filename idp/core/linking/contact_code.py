"""Contact code: six digits that are sent to a company's contact on file, and confirm who brings them.

A code holds for one person, one customer and one login, for ten minutes and five tries. The company's contact is asked by
somebody whose claim was right, or whose tries are used up; how often, is budgeted for the person, the place and the company.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from idp.core.budgets import Budget
from idp.core.linking.limits import DAY, HOUR, MONTH, YEAR, Networks
from idp.core.people.contact import FieldProblem
from idp.core.people.digits import all_ascii_digits, typed_plainly

LIVES: Final = timedelta(minutes=10)
TRIES: Final = 5
_DIGITS: Final = 6
_NOTHING: Final = bytes(32).hex()
"""Compared when there is no code: no key makes this digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLimits:
    """Codes that may be sent. One that was brought is given back."""

    person_per_hour: int
    person_at_company_per_month: int
    address_per_hour: int
    company_per_day: int
    company_per_year: int
    """What guessing a code hangs on, counted from the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCode:
    """A code that was asked for; whoever asked learns nothing about whether one was sent."""

    customer_id: str | None
    """None: the number leads to no customer, or to none that can be reached; no code is right."""
    number: str
    digest: str = field(repr=False)
    """Hex; of the code and what it holds for."""
    expires_at: datetime
    tries_left: int = TRIES

    def is_over(self, now: datetime) -> bool:
        return self.tries_left <= 0 or now >= self.expires_at

    def is_right(self, candidates: Sequence[bytes]) -> bool:
        """Whether one of the digests of what was typed is the code's."""
        matches = [hmac.compare_digest(self.digest, candidate.hex()) for candidate in candidates]
        return self.customer_id is not None and any(matches)


def new_code() -> str:
    """Six digits, all alike likely."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def no_digest() -> str:
    """In place of a digest where no code is right."""
    return _NOTHING


def bound(code: str, *, person: str, customer_id: str, interaction_id: str) -> bytes:
    """What a digest is made of: a code that somebody else was sent, or for another company, is another text."""
    return f"{code}\x00{person}\x00{customer_id}\x00{interaction_id}".encode()


def parse_code(text: str) -> str | FieldProblem:
    """Read six digits, however they are spaced."""
    digits = typed_plainly(text).replace("-", "")
    if not digits:
        return FieldProblem.CODE_MISSING
    return digits if len(digits) == _DIGITS and all_ascii_digits(digits) else FieldProblem.CODE_MALFORMED


def code_scopes(limits: CodeLimits, *, person: str, company: str, networks: Networks | None) -> Mapping[str, Budget]:
    """What a code is counted in when it is asked for."""
    pair = f"{company}|{person}"
    places = (
        {}
        if networks is None
        else {f"linking.code.address_hour {networks[0]}": Budget(limit=limits.address_per_hour, window=HOUR)}
    )
    return {
        f"linking.code.person_hour {person}": Budget(limit=limits.person_per_hour, window=HOUR),
        f"linking.code.person_at {pair}": Budget(limit=limits.person_at_company_per_month, window=MONTH),
        **places,
        f"linking.code.company_day {company}": Budget(limit=limits.company_per_day, window=DAY),
        f"linking.code.company_year {company}": Budget(limit=limits.company_per_year, window=YEAR, from_last=True),
    }
