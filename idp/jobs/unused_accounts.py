"""Unused accounts, each hour: warned, and later erased, each in a transaction of its own."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from prometheus_client import Counter

from idp.core.accounts.unused import RetireUnused
from idp.core.overtaken import Overtaken
from idp.jobs.trouble import Trouble

EVERY_SECONDS: Final = 3600.0
BATCH: Final = 100
_MOST_ROUNDS: Final = 50

_unused = Counter("idp_unused_accounts", "Accounts that nobody used: warned, or erased.", ["step"])
_log = structlog.get_logger("idp.unused_accounts")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedAccountsJob:
    """One per process that runs jobs; several at once do no harm."""

    retire: Callable[[], RetireUnused]
    """Made when it first runs, because it needs the clients' files."""
    unit_of_work: Callable[[], AbstractContextManager[object]]
    outages: tuple[type[Exception], ...]
    clock: Callable[[], datetime]

    def run(self, stop: threading.Event) -> None:
        """Work at once and then each hour until `stop` is set."""
        trouble = Trouble(work="unused accounts", outages=self.outages)
        while not stop.is_set():
            try:
                self.beat(stop)
            except Exception as error:  # noqa: BLE001 - the next hour may be better
                trouble.note(error)
            else:
                trouble.is_over()
            stop.wait(EVERY_SECONDS)

    def beat(self, stop: threading.Event) -> None:
        """Warn and erase everybody whose time it is, within bounds."""
        retire = self.retire()
        for _ in range(_MOST_ROUNDS):
            with self.unit_of_work():
                warned = retire.warn(self.clock(), limit=BATCH)
            _unused.labels(step="warned").inc(warned)
            if warned < BATCH or stop.is_set():
                break
        for _ in range(_MOST_ROUNDS):
            with self.unit_of_work():
                due = retire.due(self.clock(), limit=BATCH)
            erased = sum(self._erase(retire, person_id) for person_id in due)
            _unused.labels(step="erased").inc(erased)
            if erased:
                _log.info("unused accounts erased", count=erased)
            if erased < BATCH or stop.is_set():
                break

    def _erase(self, retire: RetireUnused, person_id: str) -> bool:
        try:
            with self.unit_of_work():
                return retire.erase(person_id, self.clock())
        except Overtaken:
            return False
