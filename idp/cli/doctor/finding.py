"""Findings: what one look at the installation says, how bad it is, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from idp.assembly.provider import Provider


class Grade(StrEnum):
    """How bad a finding is; only FAIL gives an exit code."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was seen, and the remedy where there is something to mend."""

    grade: Grade
    what: str
    seen: str
    remedy: str = field(default="", kw_only=True)


Check = Callable[[Provider, datetime], Iterator[Finding]]
"""Looks at one thing; raises when it cannot, which is a finding as well."""
