"""What the collector does with an order, and what each of BankID's answers means for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from idp.core.identification.bankid.api import (
    BankIdError,
    BankIdMisused,
    BankIdRefused,
    BankIdUnavailable,
    Complete,
    Failed,
    OrderGone,
    Pending,
    StartedOrder,
)
from idp.core.identification.bankid.order import LOST, PAUSED, UNREADABLE, Launch, Order, OrderState
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import UnreadableOrder
from idp.core.identification.bankid.work_on_order import (
    ABANDONED_AFTER,
    COLLECT_EVERY,
    ORDER_LIFE,
    RETRY_START_FOR,
    UNREADABLE_AGAIN,
    UNREADABLE_FOR,
    WATCHED_WITHIN,
    AskAgain,
    Followed,
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
from idp_tests.builders import NOW, a_completion
from idp_tests.cases import each

SECOND = timedelta(seconds=1)
CHAIN = timedelta(minutes=3)
NOBODY_OPENED_IT = Failed("startFailed")
STARTED = StartedOrder(order_ref="ref", auto_start_token="auto", qr_start_token="qr", qr_start_secret="secret")
MAINTENANCE = BankIdUnavailable("maintenance", retryable=True)


def an_order(state: OrderState = OrderState.PENDING, **fields: Any) -> Order:
    order = Order(
        id="order",
        identification_id="identification",
        launch=Launch.QR,
        state=state,
        request=OrderRequest(end_user_ip="192.0.2.7", user_visible_data="Logga in"),
        wanted_at=NOW,
        restarts=0,
    )
    return replace(order, **fields)


def test_how_long_somebody_waits_is_said_here_once() -> None:
    seconds = [one.total_seconds() for one in (COLLECT_EVERY, RETRY_START_FOR, WATCHED_WITHIN, ABANDONED_AFTER)]
    assert seconds == [2, 6, 15, 30]
    assert timedelta(seconds=2) == UNREADABLE_AGAIN
    assert ORDER_LIFE == UNREADABLE_FOR == timedelta(minutes=10)


@each(
    "order, task",
    [
        (an_order(OrderState.WANTED), Task.START),
        (an_order(OrderState.PENDING), Task.COLLECT),
        (an_order(OrderState.PENDING, answer=b"kept"), Task.READ),
        (an_order(OrderState.DROPPED), Task.CANCEL),
    ],
)
def test_an_order_needs_what_its_state_says(order: Order, task: Task) -> None:
    assert next_task(order, NOW) is task


@each(
    "after, polled_at, task",
    [
        (ABANDONED_AFTER, None, Task.START),
        (ABANDONED_AFTER + SECOND, None, Task.ABANDON),
        (ABANDONED_AFTER + SECOND, NOW + ABANDONED_AFTER + SECOND - WATCHED_WITHIN, Task.START),
        (ABANDONED_AFTER + SECOND, NOW + ABANDONED_AFTER - WATCHED_WITHIN, Task.ABANDON),
    ],
)
def test_an_old_order_is_started_only_for_somebody_who_looks(
    after: timedelta, polled_at: datetime | None, task: Task
) -> None:
    assert next_task(an_order(OrderState.WANTED, polled_at=polled_at), NOW + after) is task


def test_an_order_that_follows_another_is_as_old_as_itself() -> None:
    order = an_order(OrderState.WANTED, asked_at=NOW + timedelta(minutes=2))
    assert next_task(order, NOW + timedelta(minutes=2, seconds=1)) is Task.START


def test_a_started_order_is_collected_two_seconds_later() -> None:
    assert after_start(an_order(OrderState.WANTED), STARTED, NOW) == Opened(STARTED, NOW + timedelta(seconds=2))


@each(
    "error, after, then",
    [
        (MAINTENANCE, timedelta(0), AskAgain(NOW + SECOND)),
        (MAINTENANCE, RETRY_START_FOR - SECOND, AskAgain(NOW + RETRY_START_FOR)),
        (MAINTENANCE, RETRY_START_FOR, NotStarted("maintenance")),
        (BankIdUnavailable("busy", retryable=True, retry_after=3), timedelta(0), AskAgain(NOW + 3 * SECOND)),
        (BankIdUnavailable("busy", retryable=True, retry_after=0), timedelta(0), AskAgain(NOW + SECOND)),
        (BankIdUnavailable("busy", retryable=True, retry_after=60), timedelta(0), NotStarted("busy")),
        (BankIdUnavailable("nonsense"), timedelta(0), NotStarted("nonsense")),
        (BankIdRefused("alreadyInProgress"), timedelta(0), NotStarted("alreadyInProgress")),
        (BankIdRefused("new", retryable=True), timedelta(0), NotStarted("new")),
        (BankIdMisused("unauthorized"), timedelta(0), NotStarted("unauthorized")),
    ],
)
def test_a_start_that_failed_is_tried_again_for_seconds_where_that_may_help(
    error: BankIdError, after: timedelta, then: AskAgain | NotStarted
) -> None:
    assert after_start(an_order(OrderState.WANTED), error, NOW + after) == then


def test_an_order_that_goes_on_is_collected_two_seconds_later() -> None:
    told = Pending("userSign")
    assert after_collect(an_order(), told, NOW) == GoesOn(told, NOW + timedelta(seconds=2))


@each(
    "error, then",
    [
        (MAINTENANCE, AskAgain(NOW + COLLECT_EVERY)),
        (BankIdUnavailable("nonsense"), AskAgain(NOW + COLLECT_EVERY)),
        (BankIdUnavailable("busy", retry_after=7), AskAgain(NOW + 7 * SECOND)),
        (BankIdUnavailable("busy", retry_after=1), AskAgain(NOW + COLLECT_EVERY)),
        (BankIdRefused("new", retryable=True), AskAgain(NOW + COLLECT_EVERY)),
        (BankIdRefused("new"), Over(Failed("new"))),
        (BankIdMisused("unauthorized"), Over(Failed("unauthorized"))),
        (OrderGone("invalidParameters"), Over(Failed(LOST))),
        (OrderGone("invalidParameters", retryable=True), Over(Failed(LOST))),
    ],
)
def test_a_collect_without_an_answer_is_repeated_where_there_may_be_one(
    error: BankIdError, then: AskAgain | Over
) -> None:
    assert after_collect(an_order(), error, NOW) == then


@each("fields", [{}, {"started_at": NOW}, {"wanted_at": NOW - ORDER_LIFE, "started_at": NOW}])
def test_nobody_waits_for_an_order_longer_than_bankid_keeps_it(fields: dict[str, Any]) -> None:
    order = an_order(**fields)
    just_before = NOW + ORDER_LIFE - SECOND
    assert after_collect(order, MAINTENANCE, just_before) == AskAgain(just_before + COLLECT_EVERY)
    assert after_collect(order, MAINTENANCE, NOW + ORDER_LIFE) == Over(Failed("maintenance"))


@each("error", [OrderGone("invalidParameters"), BankIdMisused("unauthorized")])
def test_an_answer_that_is_kept_and_cannot_be_read_is_what_the_order_ended_with(error: BankIdError) -> None:
    assert after_collect(an_order(answer=b"kept"), error, NOW) == Over(Failed(UNREADABLE))


def test_an_answer_that_makes_no_sense_is_asked_for_again_as_long_as_an_order_lives() -> None:
    just_before = NOW + ORDER_LIFE - SECOND
    assert after_nonsense(an_order(), just_before) == AskAgain(just_before + COLLECT_EVERY)
    assert after_nonsense(an_order(), NOW + ORDER_LIFE) == Over(Failed(UNREADABLE))


@each("launch", list(Launch))
@each("ended", [Complete(a_completion()), Failed("userCancel")])
def test_what_bankid_tells_is_how_the_order_ended(launch: Launch, ended: Complete | Failed) -> None:
    order = an_order(launch=launch, polled_at=NOW)
    assert after_reading(order, ended, NOW, chain=CHAIN) == Over(ended)


def test_an_unopened_code_is_followed_by_another_of_the_same_chain() -> None:
    order = an_order(polled_at=NOW, restarts=1)
    followed = after_reading(order, NOBODY_OPENED_IT, NOW + SECOND, chain=CHAIN)
    assert isinstance(followed, Followed)
    assert (followed.by.restarts, followed.by.wanted_at, followed.by.request) == (2, NOW, order.request)
    assert followed.by.id != order.id


def test_an_app_that_was_not_opened_on_this_device_is_followed_by_nothing() -> None:
    order = an_order(launch=Launch.SAME_DEVICE, polled_at=NOW)
    assert after_reading(order, NOBODY_OPENED_IT, NOW, chain=CHAIN) == Over(NOBODY_OPENED_IT)


@each(
    "polled_at, now, is_followed",
    [
        (None, NOW, False),
        (NOW, NOW + WATCHED_WITHIN, True),
        (NOW, NOW + WATCHED_WITHIN + SECOND, False),
        (NOW + CHAIN - SECOND, NOW + CHAIN - SECOND, True),
        (NOW + CHAIN, NOW + CHAIN, False),
    ],
)
def test_codes_follow_one_another_while_somebody_looks_and_the_chain_is_not_too_long(
    polled_at: datetime | None, now: datetime, *, is_followed: bool
) -> None:
    then = after_reading(an_order(polled_at=polled_at), NOBODY_OPENED_IT, now, chain=CHAIN)
    assert isinstance(then, Followed) if is_followed else then == Over(Failed(PAUSED))


def test_an_order_that_no_key_opens_is_left_to_others_until_bankid_has_forgotten_it() -> None:
    order, just_before = UnreadableOrder("order", NOW), NOW + UNREADABLE_FOR - SECOND
    assert after_opening_failed(order, just_before) == AskAgain(just_before + UNREADABLE_AGAIN)
    assert after_opening_failed(order, NOW + UNREADABLE_FOR) == GivenUp()
