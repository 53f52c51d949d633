"""Work on an order: what the collector does with it next, and what each of BankID's answers means for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from idp.core.identification.bankid.api import (
    BankIdError,
    BankIdUnavailable,
    Ended,
    Failed,
    OrderGone,
    Pending,
    StartedOrder,
)
from idp.core.identification.bankid.order import LOST, PAUSED, UNREADABLE, Launch, Order, OrderState
from idp.core.identification.bankid.ports import UnreadableOrder, WantedOrder
from idp.core.identification.bankid.start_order import successor

COLLECT_EVERY: Final = timedelta(seconds=2)
"""BankID RP 6.0, collect: every other second, never more often than each second."""
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
UNREADABLE_AGAIN: Final = timedelta(seconds=2)
"""Time for a node that has the key to take an order that we cannot open."""
UNREADABLE_FOR: Final = timedelta(minutes=10)
"""After so long nobody has the key, and BankID has forgotten the order."""
_DEFAULT_PAUSE_SECONDS: Final = 1
_NOBODY_OPENED_IT: Final = Failed("startFailed")


class Task(StrEnum):
    """What is done with an order that is due."""

    START = "start"
    ABANDON = "abandon"
    """Nobody waits for it any more: it ends without a call."""
    COLLECT = "collect"
    READ = "read"
    """An answer is kept that a worker could not go on to read."""
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Opened:
    """BankID has the order open."""

    started: StartedOrder
    collect_at: datetime


@dataclass(frozen=True, slots=True)
class NotStarted:
    """It ends before BankID knew of it."""

    code: str


@dataclass(frozen=True, slots=True)
class AskAgain:
    """There was no answer that means anything; there may be one later."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The person is at it."""

    told: Pending
    collect_at: datetime


@dataclass(frozen=True, slots=True)
class Over:
    """It has ended, with an identification or without."""

    ended: Ended


@dataclass(frozen=True, slots=True)
class Followed:
    """Nobody opened it, and another takes its place without a word."""

    by: WantedOrder


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nobody can open it any more."""


Follows = Opened | NotStarted | AskAgain | GoesOn | Over | Followed | GivenUp
"""Everything that can follow for an order."""


def next_task(order: Order, now: datetime) -> Task:
    """What the order needs."""
    match order.state:
        case OrderState.WANTED:
            return Task.ABANDON if _is_abandoned(order, now) else Task.START
        case OrderState.PENDING:
            return Task.COLLECT if order.answer is None else Task.READ
        case OrderState.DROPPED | OrderState.COMPLETE | OrderState.USED | OrderState.FAILED:
            return Task.CANCEL
        case _:
            assert_never(order.state)


def after_opening_failed(order: UnreadableOrder, now: datetime) -> AskAgain | GivenUp:
    """Leave an order that no key of ours opens to a node that has the key, while there may be one."""
    return GivenUp() if now - order.asked_at >= UNREADABLE_FOR else AskAgain(now + UNREADABLE_AGAIN)


def after_start(order: Order, told: StartedOrder | BankIdError, now: datetime) -> Opened | AskAgain | NotStarted:
    """A short stop is waited out; one that BankID itself calls long is told at once."""
    if isinstance(told, StartedOrder):
        return Opened(told, now + COLLECT_EVERY)
    again_at = now + timedelta(seconds=told.retry_after or _DEFAULT_PAUSE_SECONDS)
    in_time = again_at - (order.asked_at or order.wanted_at) <= RETRY_START_FOR
    if isinstance(told, BankIdUnavailable) and told.retryable and in_time:
        return AskAgain(again_at)
    return NotStarted(told.code)


def after_collect(order: Order, told: Pending | BankIdError, now: datetime) -> GoesOn | AskAgain | Over:
    """Ask again while there may be an answer. One that made no sense may have been a gateway's; a refusal stays one."""
    match told:
        case Pending():
            return GoesOn(told, now + COLLECT_EVERY)
        case OrderGone():
            return _over_without_answer(order, LOST)
        case BankIdError() if (told.retryable or isinstance(told, BankIdUnavailable)) and _is_alive(order, now):
            return AskAgain(now + max(COLLECT_EVERY, timedelta(seconds=told.retry_after or 0)))
        case _:
            return _over_without_answer(order, told.code)


def after_reading(order: Order, ended: Ended, now: datetime, *, chain: timedelta) -> Over | Followed:
    """An unopened QR order is replaced while somebody looks, for as long as the chain may be."""
    if ended != _NOBODY_OPENED_IT or order.launch is not Launch.QR:
        return Over(ended)
    if _is_watched(order, now) and now - order.wanted_at < chain:
        return Followed(successor(order, now))
    return Over(Failed(PAUSED))


def after_nonsense(order: Order, now: datetime) -> AskAgain | Over:
    """An answer that cannot be read is kept. If it was a gateway's, BankID says so next time; or it was the last word."""
    return AskAgain(now + COLLECT_EVERY) if _is_alive(order, now) else Over(Failed(UNREADABLE))


def _over_without_answer(order: Order, code: str) -> Over:
    """It ended for this reason, or with an answer that is kept and cannot be read."""
    return Over(Failed(code if order.answer is None else UNREADABLE))


def _is_alive(order: Order, now: datetime) -> bool:
    return now - (order.started_at or order.wanted_at) < ORDER_LIFE


def _is_watched(order: Order, now: datetime) -> bool:
    return order.polled_at is not None and now - order.polled_at <= WATCHED_WITHIN


def _is_abandoned(order: Order, now: datetime) -> bool:
    return now - (order.asked_at or order.wanted_at) > ABANDONED_AFTER and not _is_watched(order, now)
