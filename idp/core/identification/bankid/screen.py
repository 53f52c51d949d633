"""Screen: what the BankID page shows for each state of its order. One table; the page renders it, and the script swaps it in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from idp.core.identification.bankid.animated_qr import find_current_frame, seconds_left
from idp.core.identification.bankid.api import BankIdUnavailable
from idp.core.identification.bankid.launch import Browser, DeviceGuess
from idp.core.identification.bankid.messages import (
    COMPLETE,
    NOT_RETURNED,
    PAUSED_CODE,
    PREPARING,
    RETURNING,
    pending_message,
    stopped_message,
)
from idp.core.identification.bankid.order import PAUSED, STRAYED, Launch, Order, OrderState
from idp.core.identification.bankid.start_order import OrderPolicy, is_offered
from idp.core.identification.bankid.trust import Distrust

LONGEST_START: Final = timedelta(seconds=15)
"""A longer wait is hardly one for BankID's answer: the jobs are away, and trying again costs little."""
RETURN_TAKES: Final = timedelta(seconds=5)
"""An app that has not come back after so long was left by hand, or opened nothing."""
_OUTSTANDING: Final = "outstandingTransaction"
_NOT_YET_SIGNING: Final = frozenset({_OUTSTANDING, "noClient", "started"})
"""Hints under which another way may still be chosen: later it would give up what the person is about to confirm."""
_NOT_HERE: Final = frozenset({STRAYED, Distrust.ANOTHER_DEVICE.value})
"""Why trying the same way again in this browser would end the same."""


class State(StrEnum):
    """What the page is about now."""

    IDLE = "idle"
    STARTING = "starting"
    PENDING = "pending"
    RETURNING = "returning"
    COMPLETE = "complete"
    FAILED = "failed"
    PAUSED = "paused"

    @property
    def goes_on(self) -> bool:
        """Whether it changes without the person, so that a page without script looks again."""
        return self in {State.STARTING, State.PENDING, State.RETURNING, State.COMPLETE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The page and the browser that it is in."""

    first: Launch
    """The way that is offered first: the app on this device on a phone, a code on a computer."""
    is_phone: bool
    here_offered: bool
    """Whether an order on this device could be believed."""
    again: bool
    """The page after registering, with different words."""

    @property
    def starts_alone(self) -> bool:
        """Somebody who logs in again on a computer presses first, as the leaflet says; on a phone the app's link is the press."""
        return self.is_phone or not self.again


def place_of(browser: Browser, policy: OrderPolicy, *, hint: str | None, again: bool) -> Place:
    """Which way comes first in this browser; the client may have hinted at one."""
    is_phone = browser.device_guess is DeviceGuess.PHONE
    here_offered = is_offered(Launch.SAME_DEVICE, browser, policy)
    here_first = hint == Launch.SAME_DEVICE or (is_phone and hint != Launch.QR)
    return Place(
        first=Launch.SAME_DEVICE if here_first and here_offered else Launch.QR,
        is_phone=is_phone,
        here_offered=here_offered,
        again=again,
    )


class Label(StrEnum):
    """Keys of the texts on buttons."""

    SHOW_NEW_CODE = "signin.bankid.show_new_qr"
    OPEN_HERE = "signin.bankid.open_here"
    OPEN = "signin.bankid.open"
    SHOW_CODE = "signin.bankid.show_qr"
    LOG_IN_AGAIN = "signin.bankid.start_again"
    OTHER_DEVICE = "signin.bankid.other_device"
    TRY_AGAIN = "frame.try_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Starts an order."""

    label: Label
    launch: Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One row of the table; texts are keys."""

    state: State
    launch: Launch
    message: str | None = None
    start: Button | None = None
    """The page's first button."""
    other: Button | None = None
    """The other way to log in."""
    frame: str | None = None
    """The text of the code that may be scanned this second."""
    seconds_left: int | None = None
    has_panel: bool = False
    """Whether the place of the code is there, with or without a code in it."""
    opens_app: bool = False
    is_busy: bool = False
    """Whether something turns, to show that one need only wait."""
    is_renewing: bool = False
    """Nobody has scanned the code, and its successor is on its way: until then all keeps its place."""
    offers_link: bool = False
    """Whether the address of a fresh login can be copied into another browser."""


def screen_of(order: Order | None, place: Place, now: datetime) -> Screen:
    """The row for this order; None is no order."""
    if order is None:
        return _idle(place)
    match order.state:
        case OrderState.WANTED if now - (order.asked_at or order.wanted_at) > LONGEST_START:
            return _failed(order.launch, BankIdUnavailable.default_message_key, place)
        case OrderState.WANTED if order.restarts:
            return replace(starting(order.launch, place), is_renewing=True)
        case OrderState.WANTED:
            return starting(order.launch, place)
        case OrderState.PENDING:
            return _pending(order, place, now)
        case OrderState.COMPLETE if order.must_return:
            return _returning(order, place, now)
        case OrderState.COMPLETE:
            return Screen(state=State.COMPLETE, launch=order.launch, message=COMPLETE, is_busy=True)
        case OrderState.FAILED if order.hint_code == PAUSED:
            start = Button(label=Label.SHOW_NEW_CODE, launch=Launch.QR)
            return replace(_idle(place), state=State.PAUSED, launch=Launch.QR, message=PAUSED_CODE, start=start)
        case _:
            return _stopped(order, place)


def _idle(place: Place) -> Screen:
    label = Label.OPEN if place.first is Launch.SAME_DEVICE else Label.SHOW_CODE
    start = Button(label=Label.LOG_IN_AGAIN if place.again else label, launch=place.first)
    return Screen(state=State.IDLE, launch=place.first, start=start, other=_other_than(place.first, place))


def starting(launch: Launch, place: Place) -> Screen:
    """The row from the press of a button on, before BankID has answered."""
    return Screen(
        state=State.STARTING,
        launch=launch,
        message=PREPARING,
        other=_other_than(launch, place),
        has_panel=launch is Launch.QR,
        is_busy=True,
    )


def _pending(order: Order, place: Place, now: datetime) -> Screen:
    hint = order.hint_code or _OUTSTANDING
    if hint == _OUTSTANDING and order.returned_at is not None:
        hint = "processing"  # the app is done, and BankID has not told yet
    if hint == _OUTSTANDING and order.started_at is not None:
        return _outstanding(order, order.started_at, place, now)
    lasted = now - (order.hint_since or order.wanted_at)
    return Screen(
        state=State.PENDING,
        launch=order.launch,
        message=pending_message(hint, order.launch, in_this_state=lasted),
        other=_other_than(order.launch, place) if hint in _NOT_YET_SIGNING else None,
        is_busy=True,
    )


def _outstanding(order: Order, started_at: datetime, place: Place, now: datetime) -> Screen:
    if order.launch is Launch.QR:
        frame = find_current_frame(order.qr_start_token or "", order.qr_start_secret or "", started_at, now)
        if frame is None:
            return replace(starting(Launch.QR, place), state=State.PENDING, is_renewing=True)
        return Screen(
            state=State.PENDING,
            launch=Launch.QR,
            message=pending_message(_OUTSTANDING, Launch.QR),
            other=_other_than(Launch.QR, place),
            frame=frame,
            seconds_left=seconds_left(started_at, now),
            has_panel=True,
        )
    return Screen(
        state=State.PENDING,
        launch=order.launch,
        message=pending_message(_OUTSTANDING, order.launch),
        other=_other_than(order.launch, place),
        opens_app=True,
    )


def _returning(order: Order, place: Place, now: datetime) -> Screen:
    """The app is done and about to open this browser; who came back by hand gets a way on after a moment."""
    if order.completed_at is None or now - order.completed_at <= RETURN_TAKES:
        return Screen(state=State.RETURNING, launch=order.launch, message=RETURNING, is_busy=True)
    again = Button(label=Label.TRY_AGAIN, launch=order.launch)
    return Screen(
        state=State.RETURNING,
        launch=order.launch,
        message=NOT_RETURNED,
        start=again,
        other=_other_than(order.launch, place),
    )


def _stopped(order: Order, place: Place) -> Screen:
    code = order.hint_code or ""
    screen = _failed(order.launch, stopped_message(code, order.launch), place)
    if code not in _NOT_HERE:
        return screen
    label = Label.OTHER_DEVICE if place.is_phone else Label.SHOW_CODE
    return replace(screen, start=Button(label=label, launch=Launch.QR), other=None, offers_link=True)


def _failed(launch: Launch, message: str, place: Place) -> Screen:
    again = Button(label=Label.TRY_AGAIN, launch=launch)
    return Screen(state=State.FAILED, launch=launch, message=message, start=again, other=_other_than(launch, place))


def refused(place: Place) -> Screen:
    """The row for a start that was one too many; its message says how long to wait."""
    return replace(_failed(place.first, "", place), message=None)


def _other_than(launch: Launch, place: Place) -> Button | None:
    if launch is Launch.SAME_DEVICE:
        return Button(label=Label.OTHER_DEVICE, launch=Launch.QR)
    if not place.here_offered:
        return None
    label = Label.OPEN if place.is_phone else Label.OPEN_HERE
    return Button(label=label, launch=Launch.SAME_DEVICE)
