"""The sweeper: deletes what has expired, seals the audit log, and notes secrets that are new, each minute."""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from idp.core.messages import Backlog
from idp.jobs.trouble import Trouble

_swept = Counter("idp_swept_rows", "Expired rows that were deleted, by table.", ["table"])
_waiting = Gauge(
    "idp_outbox_waiting",
    "Messages that are neither delivered nor given up, between two tries too.",
    multiprocess_mode="livemostrecent",
)
_oldest = Gauge("idp_outbox_oldest_seconds", "How long the oldest of them waits.", multiprocess_mode="livemostrecent")
_overdue = Gauge(
    "idp_orders_overdue",
    "BankID orders that were due for a collector more than 30 seconds ago.",
    multiprocess_mode="livemostrecent",
)

_log = structlog.get_logger("idp.sweeper")

EVERY_SECONDS: Final = 60.0
BATCH: Final = 500
_MOST_ROUNDS: Final = 40
"""So that a great backlog leaves room for others, and is finished in the next minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeper:
    """One per process that runs jobs; several at once do no harm."""

    delete_expired: Callable[..., Mapping[str, int]]
    """Deletes at most `batch` expired rows of each table."""
    seal_audit: Callable[[datetime], int]
    """Continues the audit log's chain; returns how many rows got a place."""
    forget_audit: Callable[..., int]
    """Deletes at most `limit` rows at the beginning of the audit log that were kept for long enough."""
    look_at_outbox: Callable[[datetime], Backlog]
    """What is not delivered yet; shown as figures."""
    count_overdue: Callable[[datetime], int]
    """How many BankID orders wait in vain for a collector; shown as a figure."""
    require_secrets: Callable[[], None]
    """Notes new versions of secrets in the database; raises when they are not those with which it was filled."""
    unit_of_work: Callable[[], AbstractContextManager[object]]
    outages: tuple[type[Exception], ...]
    """What it raises while the database is away."""
    clock: Callable[[], datetime]

    def run(self, stop: threading.Event) -> None:
        """Work at once and then each minute until `stop` is set."""
        parts = (self.show_figures, self.note_secrets, self.seal, self.forget, self.sweep)
        troubles = {part: Trouble(work=f"sweeper: {part.__name__}", outages=self.outages) for part in parts}
        while not stop.is_set():
            for part, trouble in troubles.items():
                try:
                    part(stop)
                except Exception as error:  # noqa: BLE001 - one part's trouble must not end the others
                    trouble.note(error)
                else:
                    trouble.is_over()
            stop.wait(EVERY_SECONDS)

    def note_secrets(self, _stop: threading.Event) -> None:
        """A secret may be rotated while nobody starts anything, and seals from then on."""
        self.require_secrets()

    def show_figures(self, _stop: threading.Event) -> None:
        """Say how much waits."""
        with self.unit_of_work():
            backlog, overdue = self.look_at_outbox(self.clock()), self.count_overdue(self.clock())
        _waiting.set(backlog.count)
        _oldest.set(backlog.oldest.total_seconds())
        _overdue.set(overdue)

    def sweep(self, stop: threading.Event) -> Mapping[str, int]:
        """Delete batch after batch, each in its own transaction. Returns how many rows went, by table."""
        gone: dict[str, int] = {}
        for _ in range(_MOST_ROUNDS):
            with self.unit_of_work():
                swept = self.delete_expired(self.clock(), batch=BATCH)
            for table, count in swept.items():
                gone[table] = gone.get(table, 0) + count
                _swept.labels(table=table).inc(count)
            if stop.is_set() or all(count < BATCH for count in swept.values()):
                break
        if gone:
            _log.info("swept", **gone)
        return gone

    def seal(self, stop: threading.Event) -> None:
        """Again and again while there is something: a backlog is sealed before the next minute adds to it."""
        for _ in range(_MOST_ROUNDS):
            with self.unit_of_work():
                sealed = self.seal_audit(self.clock())
            if not sealed or stop.is_set():
                break

    def forget(self, stop: threading.Event) -> None:
        """Take what is old from the beginning of the audit log; when it is broken, nothing is taken, and that is said."""
        for _ in range(_MOST_ROUNDS):
            with self.unit_of_work():
                gone = self.forget_audit(self.clock(), limit=BATCH)
            _swept.labels(table="audit").inc(gone)
            if gone < BATCH or stop.is_set():
                break
