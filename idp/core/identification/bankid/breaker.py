"""Breaker: while BankID starts no orders, it is asked now and then only, and people hear so at once."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from idp.core.identification.bankid.api import BankIdError, BankIdUnavailable, StartedOrder

WINDOW: Final = timedelta(seconds=30)
FEWEST: Final = 20
"""Starts in the window; from fewer nothing is concluded."""
FAILED_SHARE: Final = 0.5
PROBE_EVERY: Final = timedelta(seconds=5)
NOT_ASKED: Final = "notAsked"
"""Our own word for a start that BankID was not asked for."""


@dataclass(kw_only=True)
class Breaker:
    """One per process. Open after so many failed starts; then one start in five seconds is a probe, and one success closes it.

    Collects and cancels are not its business: an order that is open may be approved, whatever becomes of others.
    """

    _starts: deque[tuple[datetime, bool]] = field(default_factory=deque)
    _probe_at: datetime | None = None
    """When the next probe may go; None while closed."""

    def refuses(self, now: datetime) -> BankIdUnavailable | None:
        """What to say instead of asking BankID; None: ask."""
        if self._probe_at is None:
            return None
        if now >= self._probe_at:
            self._probe_at = now + PROBE_EVERY
            return None
        seconds = (self._probe_at - now).total_seconds()
        return BankIdUnavailable(NOT_ASKED, retryable=True, retry_after=max(1, round(seconds)))

    def note(self, told: StartedOrder | BankIdError, now: datetime) -> None:
        """What BankID answered to a start that it was asked for. A refusal is an answer, too."""
        failed = isinstance(told, BankIdUnavailable)
        if not failed and self._probe_at is not None:
            self._probe_at = None
            self._starts.clear()
        self._starts.append((now, failed))
        while self._starts[0][0] <= now - WINDOW:
            self._starts.popleft()
        if failed and self._probe_at is None and self._fails_too_often():
            self._probe_at = now + PROBE_EVERY

    def _fails_too_often(self) -> bool:
        failed = sum(failed for _, failed in self._starts)
        return len(self._starts) >= FEWEST and failed >= FAILED_SHARE * len(self._starts)
