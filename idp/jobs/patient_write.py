"""Patient write: what the outside has just told or taken is written down, again and again while the database is in trouble.

Such a fact is not told twice, or costs something the second time. It stays in hand for a while; a lease is longer.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog

from idp.core.overtaken import Overtaken

GIVEN_UP_AFTER: Final = timedelta(seconds=12)
"""With the slowest call before it and the slowest statement after it, still within a lease."""
FIRST_PAUSE: Final = timedelta(seconds=0.25)
LONGEST_PAUSE: Final = timedelta(seconds=2)

_log = structlog.get_logger("idp.jobs")

_Written = TypeVar("_Written")


class NotWritten(Exception):
    """The database did not take it, for as long as it was tried; `reason` is the name of the last trouble."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientWrite:
    """Each try is one transaction."""

    unit_of_work: Callable[[], AbstractContextManager[object]]
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    """Seconds."""

    def __call__(self, write: Callable[[], _Written]) -> _Written:
        """Raises Overtaken when somebody else was first, and NotWritten when it fails for good."""
        since, waited, tries, last = self.clock(), timedelta(0), 0, ""
        while True:
            try:
                with self.unit_of_work():
                    written = write()
            except Overtaken:
                if tries:
                    # Perhaps by ourselves: a commit may have been done though nobody heard so.
                    raise NotWritten(last) from None
                raise
            except Exception as trouble:  # noqa: BLE001 - whatever it is: what is in hand must not be lost
                last = type(trouble).__name__
            else:
                return written
            pause = find_pause(tries, max(self.clock() - since, waited))
            if pause is None:
                raise NotWritten(last)
            tries, waited = tries + 1, waited + pause
            _log.warning("written again", reason=last, tries=tries)
            self.wait(pause.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteInThread:
    """A patient write for what runs in an event loop, which goes on meanwhile."""

    write: PatientWrite
    threads: Executor

    async def __call__(self, write: Callable[[], _Written]) -> _Written:
        """Raises what the patient write raises."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.write, write)


def find_pause(tries: int, lasted: timedelta) -> timedelta | None:
    """How long to wait after this many failed tries before this one: doubling; None when it has lasted too long."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries, 20)
    pause = min(doubled, LONGEST_PAUSE)
    return pause if lasted + pause <= GIVEN_UP_AFTER else None
