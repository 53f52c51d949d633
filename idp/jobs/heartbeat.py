"""The heartbeat: a loop that has just asked for work says so, every few seconds."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.heartbeat import EVERY, Heartbeats


@dataclass(kw_only=True)
class Heartbeat:
    """One per process; the loop calls it, so that a process whose loop stands still is as silent as a dead one."""

    heartbeats: Heartbeats
    unit_of_work: Callable[[], AbstractContextManager[object]]
    worker: str
    _noted_at: datetime | None = None

    def __call__(self, now: datetime) -> None:
        """Tell, unless that was done a moment ago. Raises what the database raises."""
        if self._noted_at is not None and timedelta(0) <= now - self._noted_at < EVERY:
            return
        with self.unit_of_work():
            self.heartbeats.note(self.worker, now)
        self._noted_at = now
