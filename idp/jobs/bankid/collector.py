"""The collector: the only one who speaks to BankID. It starts, collects and cancels orders under leases.

BankID tells a completed order once. So its answer is committed before anybody is told, no matter who asked for it and whether
or not a browser still watches; browsers only ever read our rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar, assert_never

import structlog
from prometheus_client import Counter

from idp.core.identification.bankid.api import (
    Answered,
    BankId,
    BankIdError,
    BankIdMisused,
    BankIdRefused,
    BankIdUnavailable,
    Complete,
    Ended,
    Failed,
    OrderGone,
    Pending,
)
from idp.core.identification.bankid.order import Order
from idp.core.identification.bankid.ports import OrderQueue, UnreadableOrder
from idp.core.identification.bankid.work_on_order import (
    NEVER_STARTED,
    AskAgain,
    Followed,
    Follows,
    GivenUp,
    GoesOn,
    NotStarted,
    Opened,
    Over,
    Task,
    after_collect,
    after_nonsense,
    after_opening_failed,
    after_reading,
    after_start,
    next_task,
)
from idp.core.overtaken import Overtaken
from idp.jobs.patient_write import PatientWrite

_calls = Counter(
    "idp_bankid_calls", "Calls to BankID and answers read, by operation and how they ended.", ["operation", "outcome"]
)
_OUTCOMES: Final = {
    Pending: "pending",
    Answered: "answered",
    Complete: "complete",
    Failed: "failed",
    OrderGone: "gone",
    BankIdUnavailable: "unavailable",
    BankIdRefused: "refused",
    BankIdMisused: "misused",
}
"""Words of a bounded number: BankID's own codes would make a figure each."""

_log = structlog.get_logger("idp.collector")

_Answer = TypeVar("_Answer")

LEASE: Final = timedelta(seconds=30)
"""Longer than the slowest call and the patience of the write after it, so that one order is never collected by two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """One per process that runs jobs; `worker` names it in leases."""

    orders: OrderQueue
    bankid: BankId
    write: PatientWrite
    clock: Callable[[], datetime]
    worker: str
    chain: timedelta
    """How long unopened QR orders are replaced silently."""

    def work_on(self, order: Order | UnreadableOrder) -> None:
        """Do what this order needs next: one call to BankID, then one transaction. Raises Overtaken and NotWritten."""
        if isinstance(order, UnreadableOrder):
            _log.warning("unreadable", order_id=order.id)
            self._note(order, after_opening_failed(order, self.clock()))
            return
        task = next_task(order, self.clock())
        match task:
            case Task.START:
                self._start(order)
            case Task.ABANDON:
                self._note(order, NotStarted(NEVER_STARTED))
            case Task.COLLECT:
                self._collect(order)
            case Task.READ:
                if not self._conclude(order, order.answer or b""):
                    self._collect(order)
            case Task.CANCEL:
                self._cancel(order)
            case _:
                assert_never(task)

    def _start(self, order: Order) -> None:
        told = self._call("auth", order, lambda: self.bankid.auth(order.request))
        follows = after_start(order, told, self.clock())
        try:
            self._note(order, follows)
        except Overtaken:
            if isinstance(follows, Opened):
                # Our lease ended while BankID answered: no row knows this order, so it is ended here.
                self._tell_cancelled(order, follows.started.order_ref)
            raise

    def _collect(self, order: Order) -> None:
        told = self._call("collect", order, lambda: self.bankid.collect(order.order_ref or ""))
        if not isinstance(told, Answered):
            self._note(order, after_collect(order, told, self.clock()))
            return
        self.write(lambda: self.orders.answered(order.id, told.body))
        if not self._conclude(order, told.body):
            _log.error("answer not readable", order_id=order.id, remedy="it is kept in bankid_orders")
            self._note(order, after_nonsense(order, self.clock()))

    def _conclude(self, order: Order, body: bytes) -> bool:
        """Read an answer that is kept, and store what it means; False when it cannot be read."""
        ended = self._read(order, body)
        if ended is None:
            return False
        self._note(order, after_reading(order, ended, self.clock(), chain=self.chain))
        return True

    def _read(self, order: Order, body: bytes) -> Ended | None:
        try:
            ended = self.bankid.read(body, order.order_ref or "")
        except Exception:  # noqa: BLE001 - whatever it trips over: the answer is kept, and lost is what it must not be
            _calls.labels(operation="read", outcome="unreadable").inc()
            return None
        _calls.labels(operation="read", outcome=_outcome(ended)).inc()
        return ended

    def _cancel(self, order: Order) -> None:
        if order.order_ref is not None:
            self._tell_cancelled(order, order.order_ref)
        self.write(lambda: self.orders.cancelled(order.id, self.worker, self.clock()))

    def _tell_cancelled(self, order: Order, order_ref: str) -> None:
        """One that cannot be told of ends at BankID by itself."""
        self._call("cancel", order, lambda: self.bankid.cancel(order_ref))

    def _note(self, order: Order | UnreadableOrder, follows: Follows) -> None:
        """Write down what follows for the order, and say so once it stands. Raises Overtaken and NotWritten."""
        now = self.clock()
        self.write(lambda: self._write_down(order, follows, now))
        match follows:
            case NotStarted(code):
                _log.warning("order not started", order_id=order.id, code=code)
            case Over(ended):
                _log.info("order ended", order_id=order.id, outcome=_outcome(ended), code=_code_of(ended))
            case Opened() | GoesOn() | AskAgain() | Followed() | GivenUp():
                pass
            case _:
                assert_never(follows)

    def _write_down(self, order: Order | UnreadableOrder, follows: Follows, now: datetime) -> None:
        match follows:
            case Opened(started, collect_at):
                self.orders.started(order.id, self.worker, started, now, collect_at)
            case NotStarted(code):
                self.orders.start_failed(order.id, self.worker, code, now)
            case GoesOn(told, collect_at):
                self.orders.collected(order.id, self.worker, told, now, collect_at)
            case AskAgain(at):
                self.orders.collect_again(order.id, self.worker, at)
            case Over(ended):
                self.orders.collected(order.id, self.worker, ended, now, now)
            case Followed(by):
                self.orders.restart(order.id, self.worker, by, now)
            case GivenUp():
                self.orders.given_up(order.id, self.worker)
            case _:
                assert_never(follows)

    @staticmethod
    def _call(operation: str, order: Order, ask: Callable[[], _Answer]) -> _Answer | BankIdError:
        """Ask BankID; how it answers is counted, and what it refuses is told to the log."""
        try:
            answer = ask()
        except BankIdError as error:
            _calls.labels(operation=operation, outcome=_outcome(error)).inc()
            _log.warning(f"{operation} failed", order_id=order.id, error=error.code, details=error.details)
            return error
        _calls.labels(operation=operation, outcome=_outcome(answer)).inc()
        return answer


def _code_of(ended: Ended) -> str | None:
    return ended.hint_code if isinstance(ended, Failed) else None


def _outcome(told: object) -> str:
    return next((word for kind, word in _OUTCOMES.items() if isinstance(told, kind)), "answered")
