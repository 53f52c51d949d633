"""An order's life as pure functions of time: its phases, what becomes due when, and what a collect would say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from idp_sandbox.bankid.personas import Persona
from idp_sandbox.bankid.qr import frame_text
from idp_sandbox.bankid.start_request import RelyingParty, StartRequest

START_WINDOW: Final = timedelta(seconds=30)
FINISH_WINDOW: Final = timedelta(minutes=3)
UNOPENED_KEPT: Final = timedelta(minutes=3, seconds=10)
COMPLETED_KEPT: Final = timedelta(minutes=3)
FAILED_KEPT: Final = timedelta(minutes=5)


class Opening(StrEnum):
    """How an order came to be opened in an app."""

    QR = "qr"
    AUTOSTART = "autostart"
    CALL = "call"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the app needs to get ready, and BankID to process an approval."""

    ready: timedelta = timedelta(seconds=0.3)
    processing: timedelta = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nobody has opened the order yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An app shows the order."""

    at: datetime
    persona: Persona
    opening: Opening
    device_ip: str
    call_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Approved:
    """The person has approved; BankID is working."""

    at: datetime
    opened: Opened


@dataclass(frozen=True, slots=True)
class Complete:
    """The order succeeded and its result waits to be collected."""

    at: datetime
    opened: Opened


@dataclass(frozen=True, slots=True)
class Failed:
    """The order failed and its hintCode waits to be collected."""

    at: datetime
    hint: str
    opened: Opened | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The order can be collected no more: its terminal answer was delivered, or its relying party cancelled it."""

    at: datetime
    why: str
    last: "Complete | Failed | None" = None


Phase = Waiting | Opened | Approved | Complete | Failed | Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One scripted transition, due some seconds after the order's creation or when it has been collected n times."""

    after_seconds: float | None = None
    after_collects: int | None = None
    do: Callable[["Order", datetime], "Order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt to identify or sign."""

    ref: str
    auto_start_token: str
    qr_start_token: str
    qr_start_secret: str
    session: str
    request: StartRequest
    relying_party: RelyingParty
    created_at: datetime
    phase: Phase = Waiting()
    script: tuple[Step, ...] = ()
    is_autopilot: bool = False
    forced_hint: str | None = None
    completion_patch: object = None
    collects: int = 0
    too_fast_collects: int = 0
    last_collect_at: datetime | None = None
    warnings: tuple[str, ...] = ()

    def age(self, now: datetime) -> float:
        """Seconds since the order was created."""
        return (now - self.created_at).total_seconds()

    def frame(self, now: datetime) -> str:
        """The text of the QR code that a relying party ought to show now."""
        return frame_text(self.qr_start_token, self.qr_start_secret, max(0, int(self.age(now))))


def advance(order: Order, now: datetime, pace: Pace) -> Order:
    """Let everything happen that time and script have made due, in the order it became due."""
    while not isinstance(order.phase, Complete | Failed | Gone):
        step_at = _step_due_at(order)
        timer = _timer(order, pace)
        if step_at is not None and step_at <= min(now, timer[0]):
            step, *rest = order.script
            order = step.do(replace(order, script=tuple(rest)), step_at)
        elif timer[0] <= now:
            order = replace(order, phase=timer[1])
        else:
            break
    return order


def _step_due_at(order: Order) -> datetime | None:
    if not order.script:
        return None
    step = order.script[0]
    if step.after_collects is not None:
        return (order.last_collect_at or order.created_at) if order.collects >= step.after_collects else None
    return order.created_at + timedelta(seconds=step.after_seconds or 0)


def _timer(order: Order, pace: Pace) -> tuple[datetime, Phase]:
    """When the phase ends if nobody does anything, and the phase that follows."""
    match order.phase:
        case Waiting() if order.request.operation.is_by_phone:
            ends_at = order.created_at + FINISH_WINDOW
            return ends_at, Failed(ends_at, "expiredTransaction")
        case Waiting():
            ends_at = order.created_at + START_WINDOW
            return ends_at, Failed(ends_at, "startFailed")
        case Opened(at=at) as opened:
            ends_at = at + FINISH_WINDOW
            return ends_at, Failed(ends_at, "expiredTransaction", opened)
        case Approved(at=at, opened=opened):
            rounds = 2 if order.request.requirement.mrtd else 1
            return at + pace.processing * rounds, Complete(at + pace.processing * rounds, opened)
        case Complete() | Failed() | Gone():
            raise AssertionError("a finished order has no timer")
    assert_never(order.phase)


def pending_hint(order: Order, now: datetime, pace: Pace) -> str:
    """The hintCode of an order that is still pending."""
    if order.forced_hint is not None:
        return order.forced_hint
    match order.phase:
        case Opened(call_confirmed=False):
            return "userCallConfirm"
        case Opened(at=at, persona=persona):
            return "userSign" if now >= at + pace.ready and is_usable(order, persona) else "started"
        case Approved(at=at):
            return "userMrtd" if order.request.requirement.mrtd and now < at + pace.processing else "processing"
        case _:
            return "noClient" if order.request.operation.is_by_phone else "outstandingTransaction"


def kept_until(order: Order) -> datetime | None:
    """Until when a finished order can be collected; None while it is not finished or when it is gone."""
    match order.phase:
        case Failed(hint="startFailed"):
            return order.created_at + UNOPENED_KEPT
        case Failed(at=at):
            return at + FAILED_KEPT
        case Complete(at=at):
            return at + COMPLETED_KEPT
        case _:
            return None


def opened_of(order: Order) -> Opened | None:
    """Who opened the order and how; None when nobody did."""
    phase = order.phase.last if isinstance(order.phase, Gone) else order.phase
    match phase:
        case Opened() as opened:
            return opened
        case Approved(opened=opened) | Complete(opened=opened) | Failed(opened=opened):
            return opened
        case _:
            return None


def is_usable(order: Order, persona: Persona) -> bool:
    """True when the persona's BankID is of a kind, and belongs to a person, that the order accepts."""
    policies = order.request.requirement.certificate_policies
    wanted = order.request.requirement.person_number or order.request.person_number
    return (not policies or any(_matches(persona.policy, each) for each in policies)) and (
        wanted is None or wanted == persona.person_number
    )


def _matches(policy: str, pattern: str) -> bool:
    head, star, tail = pattern.partition("*")
    return policy.startswith(head) and policy.endswith(tail) if star else policy == pattern
