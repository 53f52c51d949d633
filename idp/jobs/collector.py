"""The collector: the only one who speaks to BankID. It starts, collects and cancels orders under leases.

BankID tells a completed order once. So its answer is committed before anybody is told, no matter who asked for it and whether
or not a browser still watches; browsers only ever read our rows.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

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
from idp.core.identification.bankid.order import PAUSED, UNREADABLE, Launch, Order, OrderState
from idp.core.identification.bankid.ports import OrderQueue
from idp.core.identification.bankid.start_order import successor
from idp.jobs.leased_work import LeasedWork

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

COLLECT_EVERY: Final = timedelta(seconds=2)
"""BankID RP 6.0, collect: every other second, never more often than each second."""
LEASE: Final = timedelta(seconds=30)
"""Longer than the slowest call, so that one order is never collected by two."""
RETRY_START_FOR: Final = timedelta(seconds=6)
"""A short stop at BankID is not noticed by the person."""
WATCHED_WITHIN: Final = timedelta(seconds=15)
"""An unopened QR order is followed by another only while its page is looked at: orders may cost money."""
ABANDONED_AFTER: Final = timedelta(seconds=30)
"""A wanted order of that age, whose page does not ask any more, is left over from a time when no collector ran."""
ORDER_LIFE: Final = timedelta(minutes=10)
"""BankID tells of no order that is older: it is open for minutes, and its end is kept for minutes."""
NEVER_STARTED: Final = "requestTimeout"
"""BankID's own word for what took too long; the person is told to try again."""
_IDLE_SECONDS: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """One per process that runs jobs; `worker` names it in leases."""

    orders: OrderQueue
    bankid: BankId
    unit_of_work: Callable[[], AbstractContextManager[object]]
    clock: Callable[[], datetime]
    worker: str
    chain: timedelta
    """How long unopened QR orders are replaced silently."""
    at_work: Callable[[datetime], None] = lambda _now: None
    """Called while the loop works; see `idp.jobs.heartbeat`."""
    threads: int = 16

    def loop(self) -> LeasedWork[Order]:
        """A slow call holds up nobody else."""
        return LeasedWork(
            name="bankid",
            queue=self.orders,
            do=self.work_on,
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            worker=self.worker,
            lease=LEASE,
            threads=self.threads,
            idle_seconds=_IDLE_SECONDS,
            at_work=self.at_work,
        )

    def work_on(self, order: Order) -> None:
        """Do what this order needs next: one call to BankID, then one transaction."""
        match order.state:
            case OrderState.WANTED:
                self._start(order)
            case OrderState.PENDING:
                self._collect(order)
            case _:
                self._cancel(order)

    def _start(self, order: Order) -> None:
        now = self.clock()
        if _is_abandoned(order, now):
            _log.warning("not started", order_id=order.id, asked_at=(order.asked_at or order.wanted_at).isoformat())
            with self.unit_of_work():
                self.orders.start_failed(order.id, self.worker, NEVER_STARTED, now)
            return
        try:
            started = self._call("auth", lambda: self.bankid.auth(order.request))
        except BankIdError as error:
            self._start_failed(order, error)
            return
        now = self.clock()
        with self.unit_of_work():
            kept = self.orders.started(order.id, self.worker, started, now, now + COLLECT_EVERY)
        if not kept:
            # Our lease ended while BankID answered: no row knows this order, so it is ended here.
            self._tell_cancelled(started.order_ref)

    def _start_failed(self, order: Order, error: BankIdError) -> None:
        now = self.clock()
        pause = timedelta(seconds=error.retry_after or 1)
        in_time = now + pause - (order.asked_at or order.wanted_at) <= RETRY_START_FOR
        patient = isinstance(error, BankIdUnavailable) and error.retryable and in_time
        _log.warning("start failed", order_id=order.id, error=error.code, details=error.details, again=patient)
        with self.unit_of_work():
            if patient:
                self.orders.collect_again(order.id, self.worker, now + pause)
            else:
                self.orders.start_failed(order.id, self.worker, error.code, now)

    def _collect(self, order: Order) -> None:
        if order.answer is not None and self._conclude(order, order.answer):
            return  # kept by a worker that could not go on to read it
        try:
            told = self._call("collect", lambda: self.bankid.collect(order.order_ref or ""))
        except OrderGone:
            # The once-only answer cannot be read, was lost on its way, or the order is too old: the person tries again.
            self._collected(order, _over(order, "orderGone"))
            return
        except BankIdError as error:
            self._collect_failed(order, error)
            return
        match told:
            case Pending():
                self._collected(order, told)
            case Answered(body):
                with self.unit_of_work():
                    self.orders.answered(order.id, body)
                if not self._conclude(order, body):
                    self._ask_again(order)

    def _conclude(self, order: Order, body: bytes) -> bool:
        """Read an answer that is kept, and store what it means; False when it cannot be read."""
        try:
            ended = self.bankid.read(body, order.order_ref or "")
        except Exception:  # noqa: BLE001 - whatever it trips over: the answer is kept, and lost is what it must not be
            _calls.labels(operation="read", outcome="unreadable").inc()
            return False
        _calls.labels(operation="read", outcome=_outcome(ended)).inc()
        if ended == Failed("startFailed") and order.launch is Launch.QR:
            self._follow(order, self.clock())
        else:
            self._collected(order, ended)
        return True

    def _ask_again(self, order: Order) -> None:
        """An answer that makes no sense may have been a gateway's; if it was BankID's last word, BankID says so next time."""
        now = self.clock()
        patient = now - (order.started_at or order.wanted_at) < ORDER_LIFE
        _log.error("answer not readable", order_id=order.id, again=patient, remedy="it is kept in bankid_orders")
        if not patient:
            self._collected(order, Failed(UNREADABLE))
            return
        with self.unit_of_work():
            self.orders.collect_again(order.id, self.worker, now + COLLECT_EVERY)

    def _collected(self, order: Order, told: Pending | Ended) -> None:
        now = self.clock()
        with self.unit_of_work():
            self.orders.collected(order.id, self.worker, told, now, now + COLLECT_EVERY)
        if not isinstance(told, Pending):
            _log.info("order ended", order_id=order.id, outcome=type(told).__name__)

    def _collect_failed(self, order: Order, error: BankIdError) -> None:
        """Ask again while there may be an answer. One that made no sense may have been a gateway's; a refusal stays one."""
        now = self.clock()
        may_pass = error.retryable or isinstance(error, BankIdUnavailable)
        patient = may_pass and now - (order.started_at or order.wanted_at) < ORDER_LIFE
        _log.warning("collect failed", order_id=order.id, error=error.code, details=error.details, again=patient)
        with self.unit_of_work():
            if patient:
                pause = max(COLLECT_EVERY, timedelta(seconds=error.retry_after or 0))
                self.orders.collect_again(order.id, self.worker, now + pause)
            else:
                self.orders.collected(order.id, self.worker, _over(order, error.code), now, now)

    def _follow(self, order: Order, now: datetime) -> None:
        """Replace an unopened QR order without a word, while somebody looks and the chain is not too long."""
        with self.unit_of_work():
            if _is_watched(order, now) and now - order.wanted_at < self.chain:
                self.orders.restart(order.id, self.worker, successor(order, now), now)
            else:
                self.orders.collected(order.id, self.worker, Failed(PAUSED), now, now)

    def _cancel(self, order: Order) -> None:
        if order.order_ref is not None:
            self._tell_cancelled(order.order_ref)
        with self.unit_of_work():
            self.orders.cancelled(order.id, self.worker, self.clock())

    def _tell_cancelled(self, order_ref: str) -> None:
        try:
            self._call("cancel", lambda: self.bankid.cancel(order_ref))
        except BankIdError as error:
            _log.info("cancel failed", error=error.code)

    @staticmethod
    def _call(operation: str, ask: Callable[[], _Answer]) -> _Answer:
        """Count how BankID answers; raises what it raises."""
        try:
            answer = ask()
        except BankIdError as error:
            _calls.labels(operation=operation, outcome=_outcome(error)).inc()
            raise
        _calls.labels(operation=operation, outcome=_outcome(answer)).inc()
        return answer


def _over(order: Order, code: str) -> Failed:
    """It ended without an answer, for this reason, or with one that is kept and cannot be read."""
    return Failed(code if order.answer is None else UNREADABLE)


def _is_watched(order: Order, now: datetime) -> bool:
    return order.polled_at is not None and now - order.polled_at <= WATCHED_WITHIN


def _is_abandoned(order: Order, now: datetime) -> bool:
    return now - (order.asked_at or order.wanted_at) > ABANDONED_AFTER and not _is_watched(order, now)


def _outcome(told: object) -> str:
    return next((word for kind, word in _OUTCOMES.items() if isinstance(told, kind)), "answered")
