"""Findings: what one look at the installation says, how bad it is, and what to do about it."""

from dataclasses import dataclass, field
from enum import StrEnum


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
