"""The outbox: delivers what requests left to be told to others, with patience, each message once in effect.

A message is leased, handed to whoever delivers its kind, and then marked in a transaction of its own. A process that is
killed between the two delivers again, so every kind is made such that the second time changes nothing.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter

from idp.core.messages import Message, MessageQueue, Undelivered

_log = structlog.get_logger("idp.outbox")

_deliveries = Counter("idp_deliveries", "Tries to deliver a message, by kind and how they ended.", ["kind", "outcome"])

LEASE: Final = timedelta(seconds=60)
"""Longer than the slowest delivery."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(hours=24)
_IDLE_SECONDS: Final = 0.5


Deliver = Callable[[Message, datetime], None]
"""Delivers one message; raises Undelivered."""


@dataclass(kw_only=True)
class OutboxDelivery:
    """One per process that runs jobs."""

    outbox: MessageQueue
    deliver: Mapping[str, Deliver]
    """By kind of message."""
    unit_of_work: Callable[[], AbstractContextManager[object]]
    clock: Callable[[], datetime]
    worker: str
    threads: int = 4
    _under_way: list[Future[None]] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a relying party that is slow holds up a few others at most."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="outbox") as pool:
            while not stop.is_set():
                try:
                    busy = self.beat(pool)
                except Exception:  # noqa: BLE001 - a database that is away for a moment must not end deliveries
                    _log.exception("beat failed")
                    busy = False
                if not busy:
                    stop.wait(_IDLE_SECONDS)

    def beat(self, pool: ThreadPoolExecutor) -> bool:
        """Lease what is due and hand it out; True when there was something."""
        self._under_way = [call for call in self._under_way if not call.done()]
        room = self.threads - len(self._under_way)
        if room <= 0:
            return False
        now = self.clock()
        with self.unit_of_work():
            due = self.outbox.lease_due(self.worker, now, now + LEASE, room)
        self._under_way += [pool.submit(self._safely, message) for message in due]
        return bool(due)

    def work_on(self, message: Message) -> None:
        """Deliver one message, or note why not and when next."""
        try:
            self._deliver(message)
        except Undelivered as problem:
            self._note_failure(message, problem)
            return
        except Exception as bug:  # noqa: BLE001 - one message's trouble must not become the others', nor last for ever
            _log.exception("delivery failed", kind=message.kind, message_id=message.id)
            self._note_failure(message, Undelivered(type(bug).__name__))
            return
        with self.unit_of_work():
            self.outbox.delivered(message.id, self.worker, self.clock())
        _deliveries.labels(kind=message.kind, outcome="delivered").inc()
        _log.info("delivered", kind=message.kind, message_id=message.id, tries=message.tries + 1)

    def _deliver(self, message: Message) -> None:
        """Raises Undelivered, and whatever a mistake of ours raises."""
        if not message.readable:
            raise Undelivered("FieldUnreadable")
        deliver = self.deliver.get(message.kind)
        if deliver is None:
            # A newer node may have put it there, and will know what to do with it.
            raise Undelivered("unknown_kind")
        deliver(message, self.clock())

    def _safely(self, message: Message) -> None:
        try:
            self.work_on(message)
        except Exception:  # noqa: BLE001 - a database that is away: the lease ends, and the message comes again
            _log.exception("not noted", kind=message.kind, message_id=message.id)

    def _note_failure(self, message: Message, problem: Undelivered) -> None:
        now = self.clock()
        hopeless = problem.final or now - message.created_at >= GIVEN_UP_AFTER
        next_at = None if hopeless else now + pause_after(message.tries)
        with self.unit_of_work():
            self.outbox.failed(message.id, self.worker, problem.reason, now, next_at)
        facts = {"kind": message.kind, "message_id": message.id, "reason": problem.reason, "tries": message.tries + 1}
        _deliveries.labels(kind=message.kind, outcome="given_up" if hopeless else "failed").inc()
        if hopeless:
            _log.error("given up", **facts)
        else:
            _log.warning("not delivered", **facts)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries before this one: doubling, to an hour at most."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries, 20)
    return min(doubled, LONGEST_PAUSE)
