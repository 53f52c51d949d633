"""The simulator's clock: the real one, plus a shift so that tests need not wait."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """The real time, aware and in UTC."""
    return datetime.now(UTC)


class Clock:
    """Tells the time by which orders grow old."""

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self._source = source
        self.shift = timedelta()

    def now(self) -> datetime:
        """The simulator's time, aware and in UTC."""
        return self._source() + self.shift

    def jump(self, seconds: float) -> None:
        """Move the time by some seconds, forwards (or backwards, if negative)."""
        self.shift += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Go back to the source's time."""
        self.shift = timedelta()
