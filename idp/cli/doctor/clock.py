"""The clock of this machine beside another one; tokens live for minutes, and everybody judges them by a clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from idp.cli.doctor.finding import Finding, Grade

SKEW: Final = timedelta(seconds=5)


def compare(
    whose: str, before: datetime, there: datetime, after: datetime, *, precise_to: timedelta = timedelta(0)
) -> Iterator[Finding]:
    """Judge what another clock said between two looks at ours, however long its answer took."""
    skew = max(before - there - precise_to, there - after, timedelta(0))
    grade = Grade.OK if skew <= SKEW else Grade.FAIL
    yield Finding(
        grade,
        "clock",
        f"{skew.total_seconds():.1f} s from {whose}",
        remedy="" if grade is Grade.OK else "keep the clocks of all machines with NTP",
    )
