"""Leased work: the one loop in which a process takes what is due from a queue and does it, some of it at a time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import structlog
from prometheus_client import Counter

from idp.core.overtaken import Overtaken
from idp.jobs.patient_write import NotWritten
from idp.jobs.trouble import Trouble

_ended = Counter("idp_work", "Things taken from queues, by queue and how it ended.", ["work", "outcome"])

_log = structlog.get_logger("idp.jobs")


class Item(Protocol):
    """Something to do."""

    @property
    def id(self) -> str: ...


Work = TypeVar("Work", bound=Item)
_Work_co = TypeVar("_Work_co", covariant=True)


class Queue(Protocol[_Work_co]):
    """Where it comes from; the worker that does it ends the lease."""

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[_Work_co]:
        """What is to be done now, leased to this worker."""

    def give_back(self, item_id: str, worker: str, /) -> None:
        """End the lease, if it is still held."""


@dataclass(kw_only=True)
class LeasedWork(Generic[Work]):
    """One per queue and process. What is slow holds up only as many others as there are threads less."""

    name: str
    queue: Queue[Work]
    do: Callable[[Work], None]
    """Does one thing and ends its lease.

    When it raises Overtaken or NotWritten, the lease is given back; anything else is a mistake of ours, which is logged,
    and the lease ends by its time.
    """
    unit_of_work: Callable[[], AbstractContextManager[object]]
    outages: tuple[type[Exception], ...]
    """What the unit of work raises while the database is away."""
    clock: Callable[[], datetime]
    worker: str
    lease: timedelta
    """Longer than the slowest thing takes, so that nothing is done by two."""
    threads: int
    idle_seconds: float
    """How long nothing is asked for when nothing was due."""
    at_work: Callable[[datetime], None] = lambda _now: None
    """Called whenever the loop has seen that it can work, or that all its threads do."""
    _under_way: list[Future[None]] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then wait for what is under way."""
        trouble = Trouble(work=self.name, outages=self.outages)
        with ThreadPoolExecutor(self.threads, thread_name_prefix=self.name) as pool:
            while not stop.is_set():
                try:
                    busy = self.beat(pool)
                except Exception as error:  # noqa: BLE001 - a database that is away for a moment must not end the loop
                    stop.wait(trouble.note(error).total_seconds())
                    continue
                trouble.is_over()
                if not busy:
                    self._done.wait(self.idle_seconds)
                    self._done.clear()

    def beat(self, pool: ThreadPoolExecutor) -> bool:
        """Lease what is due, as much as there are free threads, and hand it out; True when there was something."""
        self._under_way = [call for call in self._under_way if not call.done()]
        room, now = self.threads - len(self._under_way), self.clock()
        if room <= 0:
            self.at_work(now)
            return False
        with self.unit_of_work():
            due = self.queue.lease_due(self.worker, now, now + self.lease, room)
        self._under_way += [pool.submit(self._safely, work) for work in due]
        self.at_work(now)
        return bool(due)

    def _safely(self, work: Work) -> None:
        outcome = "done"
        try:
            self.do(work)
        except Overtaken:
            outcome = "overtaken"
            _log.info("overtaken", work=self.name, id=work.id)
            self._give_back(work)
        except NotWritten as problem:
            outcome = "not_written"
            _log.error("not written", work=self.name, id=work.id, reason=problem.reason)
            self._give_back(work)
        except Exception:  # noqa: BLE001 - one thing's trouble must not become the others'
            outcome = "failed"
            _log.exception("work failed", work=self.name, id=work.id)
        _ended.labels(work=self.name, outcome=outcome).inc()
        self._done.set()

    def _give_back(self, work: Work) -> None:
        """So that it is done at once by the next worker, which reads it afresh."""
        try:
            with self.unit_of_work():
                self.queue.give_back(work.id, self.worker)
        except Exception:  # noqa: BLE001 - the database is away; then the lease ends by its time
            _log.warning("lease not given back", work=self.name, id=work.id)
