"""Trouble of a loop: an outage is told in one line when it begins and in one when it is over, and tries grow rarer meanwhile."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from idp.log import one_line

FIRST_PAUSE: Final = timedelta(milliseconds=200)
LONGEST_PAUSE: Final = timedelta(seconds=2)
"""A database that is back is noticed in this time."""

_log = structlog.get_logger("idp.jobs")


@dataclass(kw_only=True)
class Trouble:
    """One per loop."""

    work: str
    outages: tuple[type[Exception], ...]
    """What is raised while the database is away; anything else is a mistake of ours, and is told with its place each time."""
    _failures: int = 0

    def note(self, error: Exception) -> timedelta:
        """Tell of it. Gives how long to wait before the next try."""
        self._failures += 1
        if not isinstance(error, self.outages):
            _log.error("beat failed", work=self.work, exc_info=error)
        elif self._failures == 1:
            _log.error("database out of reach", work=self.work, reason=one_line(error))
        doubled: timedelta = FIRST_PAUSE * 2 ** min(self._failures - 1, 10)
        return min(doubled, LONGEST_PAUSE)

    def is_over(self) -> None:
        """The last try went well."""
        if self._failures:
            _log.info("works again", work=self.work, failures=self._failures)
        self._failures = 0
