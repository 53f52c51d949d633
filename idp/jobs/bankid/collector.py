"""The collector: the only one who speaks to BankID. It starts, collects and cancels orders under leases.

BankID tells a completed order once. So its answer is committed before anybody is told, no matter who asked for it and whether
or not a browser still watches; browsers only ever read our rows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar, assert_never

import structlog
from prometheus_client import Counter, Histogram

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
    StartedOrder,
)
from idp.core.identification.bankid.breaker import Breaker
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

_calls = Counter(
    "idp_bankid_calls", "Calls to BankID and answers read, by operation and how they ended.", ["operation", "outcome"]
)
_took = Histogram(
    "idp_bankid_seconds",
    "How long BankID took to answer, or we to give it up, by operation.",
    ["operation"],
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 8),
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
_Written = TypeVar("_Written")


class Write(Protocol):
    """Writes what is in hand in one transaction, patiently. Raises Overtaken and NotWritten."""

    async def __call__(self, write: Callable[[], _Written], /) -> _Written: ...


Stay = Callable[[datetime], Awaitable[bool]]
"""Keeps the order until that time; False: hand it back, because the process stops or the lease may be lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """One per process that runs jobs; `worker` names it in leases."""

    orders: OrderQueue
    bankid: BankId
    write: Write
    clock: Callable[[], datetime]
    worker: str
    chain: timedelta
    """How long unopened QR orders are replaced silently."""
    breaker: Breaker

    async def work_on(self, order: Order | UnreadableOrder, stay: Stay) -> None:
        """Do what this order needs, until it ends or is handed back. Raises Overtaken and NotWritten."""
        if isinstance(order, UnreadableOrder):
            _log.warning("unreadable", order_id=order.id)
            await self._note(order, after_opening_failed(order, self.clock()))
            return
        task = next_task(order, self.clock())
        match task:
            case Task.START:
                await self._start(order)
            case Task.ABANDON:
                await self._note(order, NotStarted(NEVER_STARTED))
            case Task.COLLECT:
                await self._collect(order, stay)
            case Task.READ:
                if not await self._conclude(order, order.answer or b""):
                    await self._collect(order, stay)
            case Task.CANCEL:
                await self._cancel(order)
            case _:
                assert_never(task)

    async def _start(self, order: Order) -> None:
        told = await self._ask_to_start(order)
        follows = after_start(order, told, self.clock())
        try:
            await self._note(order, follows)
        except Overtaken:
            if isinstance(follows, Opened):
                # Our lease ended while BankID answered: no row knows this order, so it is ended here.
                await self._tell_cancelled(order, follows.started.order_ref)
            raise

    async def _ask_to_start(self, order: Order) -> StartedOrder | BankIdError:
        refused = self.breaker.refuses(self.clock())
        if refused is not None:
            return refused
        told = await self._call("auth", self.bankid.auth(order.request))
        self.breaker.note(told, self.clock())
        if isinstance(told, BankIdError):
            _say_failed("auth", order, told)
        return told

    async def _collect(self, order: Order, stay: Stay) -> None:
        """Ask again and again. What changes nothing is not written, and trouble is told to the log when it begins."""
        troubled = False
        while True:
            told = await self._call("collect", self.bankid.collect(order.order_ref or ""))
            follows: Follows | None
            if isinstance(told, Answered):
                order, follows = await self._hear(order, told)
            else:
                follows = after_collect(order, told, self.clock())
            if isinstance(told, BankIdError) and not troubled:
                _say_failed("collect", order, told)
            troubled = isinstance(told, BankIdError)
            match follows:
                case None:
                    return
                case GoesOn(pending, ask_at):
                    if pending.hint_code != order.hint_code or order.answer is not None:
                        await self._note(order, follows)
                        order = replace(order, hint_code=pending.hint_code, answer=None)
                case AskAgain(ask_at):
                    pass
                case _:
                    await self._note(order, follows)
                    return
            if not await stay(ask_at):
                await self._note(order, AskAgain(ask_at))
                return

    async def _hear(self, order: Order, told: Answered) -> tuple[Order, AskAgain | Over | None]:
        """Keep what may be BankID's last word, and read it; None when all is said."""
        kept = await self.write(lambda: self.orders.answered(order.id, told.body))
        if await self._conclude(kept, told.body):
            return kept, None
        _log.error("answer not readable", order_id=order.id, remedy="it is kept in bankid_orders")
        return kept, after_nonsense(kept, self.clock())

    async def _conclude(self, order: Order, body: bytes) -> bool:
        """Read an answer that is kept, and store what it means; False when it cannot be read."""
        ended = self._read(order, body)
        if ended is None:
            return False
        await self._note(order, after_reading(order, ended, self.clock(), chain=self.chain))
        return True

    def _read(self, order: Order, body: bytes) -> Ended | None:
        try:
            ended = self.bankid.read(body, order.order_ref or "")
        except Exception:  # noqa: BLE001 - whatever it trips over: the answer is kept, and lost is what it must not be
            _calls.labels(operation="read", outcome="unreadable").inc()
            return None
        _calls.labels(operation="read", outcome=_outcome(ended)).inc()
        return ended

    async def _cancel(self, order: Order) -> None:
        if order.order_ref is not None:
            await self._tell_cancelled(order, order.order_ref)
        await self.write(lambda: self.orders.cancelled(order.id, self.worker, self.clock()))

    async def _tell_cancelled(self, order: Order, order_ref: str) -> None:
        """One that cannot be told of ends at BankID by itself."""
        told = await self._call("cancel", self.bankid.cancel(order_ref))
        if isinstance(told, BankIdError):
            _say_failed("cancel", order, told)

    async def _note(self, order: Order | UnreadableOrder, follows: Follows) -> None:
        """Write down what follows for the order, and say so once it stands. Raises Overtaken and NotWritten."""
        now = self.clock()
        await self.write(lambda: self._write_down(order, follows, now))
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
            case GoesOn(told, _):
                self.orders.seen(order.id, self.worker, told, now)
            case AskAgain(at):
                self.orders.ask_again(order.id, self.worker, at)
            case Over(ended):
                self.orders.ended(order.id, ended, now)
            case Followed(by):
                self.orders.restart(order.id, self.worker, by, now)
            case GivenUp():
                self.orders.given_up(order.id, self.worker)
            case _:
                assert_never(follows)

    @staticmethod
    async def _call(operation: str, asked: Awaitable[_Answer]) -> _Answer | BankIdError:
        """Ask BankID; how it answers is counted."""
        try:
            with _took.labels(operation=operation).time():
                answer = await asked
        except BankIdError as error:
            _calls.labels(operation=operation, outcome=_outcome(error)).inc()
            return error
        _calls.labels(operation=operation, outcome=_outcome(answer)).inc()
        return answer


def _say_failed(operation: str, order: Order, error: BankIdError) -> None:
    _log.warning(f"{operation} failed", order_id=order.id, error=error.code, details=error.details)


def _code_of(ended: Ended) -> str | None:
    return ended.hint_code if isinstance(ended, Failed) else None


def _outcome(told: object) -> str:
    return next((word for kind, word in _OUTCOMES.items() if isinstance(told, kind)), "answered")
