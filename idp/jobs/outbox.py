"""The outbox: delivers what requests left to be told to others, with patience, each message once in effect.

A message is leased, handed to what delivers its kind, and then marked in its own transaction. A process that is
killed between the two delivers again, so every kind is made such that the second time changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

import structlog
from prometheus_client import Counter

from idp.core.messages import GivenUp, Message, MessageQueue, TriedAgain, Undelivered, after_failure
from idp.jobs.patient_write import PatientWrite

_log = structlog.get_logger("idp.outbox")

_deliveries = Counter("idp_deliveries", "Tries to deliver a message, by kind and how they ended.", ["kind", "outcome"])

LEASE: Final = timedelta(seconds=60)
"""Longer than the slowest delivery."""


Deliver = Callable[[Message, datetime], None]
"""Delivers one message; raises Undelivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxDelivery:
    """One per process that runs jobs."""

    outbox: MessageQueue
    deliver: Mapping[str, Deliver]
    """By kind of message."""
    write: PatientWrite
    clock: Callable[[], datetime]
    worker: str

    def work_on(self, message: Message) -> None:
        """Deliver one message, or note why not and when next. Raises Overtaken and NotWritten."""
        try:
            self._deliver(message)
        except Undelivered as problem:
            self._note_failure(message, problem)
            return
        except Exception as bug:  # noqa: BLE001 - one message's trouble must not become the others', nor last for ever
            _log.exception("delivery failed", kind=message.kind, message_id=message.id)
            self._note_failure(message, Undelivered(type(bug).__name__))
            return
        self.write(lambda: self.outbox.delivered(message.id, self.worker, self.clock()))
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

    def _note_failure(self, message: Message, problem: Undelivered) -> None:
        now = self.clock()
        facts = {"kind": message.kind, "message_id": message.id, "reason": problem.reason, "tries": message.tries + 1}
        follows = after_failure(message, problem, now)
        match follows:
            case TriedAgain(at):
                self.write(lambda: self.outbox.failed(message.id, self.worker, problem.reason, at))
                _deliveries.labels(kind=message.kind, outcome="failed").inc()
                _log.warning("not delivered", **facts)
            case GivenUp():
                self.write(lambda: self.outbox.given_up(message.id, self.worker, problem.reason, now))
                _deliveries.labels(kind=message.kind, outcome="given_up").inc()
                _log.error("given up", **facts)
            case _:
                assert_never(follows)
