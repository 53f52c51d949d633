"""The heartbeat: whether any collector works anywhere, told by those who do and believed for a while.

Without one every start of BankID waits in vain, while all that needs no BankID goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

EVERY: Final = timedelta(seconds=5)
"""How often a process tells."""


class Heartbeats(Protocol):
    """Where every process of every node tells."""

    def note(self, worker: str, now: datetime) -> None:
        """This one is at work."""

    def newest(self) -> datetime | None:
        """When any of them last was; None when none ever was."""


@dataclass(frozen=True, slots=True)
class CollectorWatch:
    """Judges the newest heartbeat."""

    heartbeats: Heartbeats
    patience: timedelta
    """Long enough for a loaded machine, and for a node to start again."""

    def silence(self, now: datetime) -> timedelta | None:
        """How long no collector has been seen, never less than nothing though clocks differ; None: none ever was."""
        newest = self.heartbeats.newest()
        return None if newest is None else max(now - newest, timedelta(0))

    def is_at_work(self, now: datetime) -> bool:
        """Whether one has been seen within the patience."""
        silence = self.silence(now)
        return silence is not None and silence <= self.patience
