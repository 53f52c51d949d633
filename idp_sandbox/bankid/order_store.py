"""The order store: every order the simulator knows, found by reference, QR frame, autostart token or phone session."""

import secrets
import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from idp_sandbox.bankid.clock import Clock
from idp_sandbox.bankid.errors import ApiError, InvalidParameters, PhoneError
from idp_sandbox.bankid.order import (
    Complete,
    Failed,
    Gone,
    Opening,
    Order,
    Pace,
    Waiting,
    advance,
    kept_until,
    opened_of,
    pending_hint,
)
from idp_sandbox.bankid.personas import Persona
from idp_sandbox.bankid.qr import find_frame
from idp_sandbox.bankid.scenario import OrderPlan, Scenario
from idp_sandbox.bankid.start_request import RelyingParty, StartRequest
from idp_sandbox.bankid.transitions import open_order, refuse_without_camera

_KEPT_ORDERS: Final = 5_000
_SHORTEST_INTERVAL: Final = timedelta(seconds=0.9)
"""One second, less what a network may do to two requests sent a second apart."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A collect's answer: the order is not over."""

    hint: str


Collected = Pending | Complete | Failed


class OrderStore:
    """Holds the orders; each method is one atomic happening."""

    def __init__(self, clock: Clock, scenario: Scenario, *, pace: Pace | None = None, qr_slack: int = 5) -> None:
        self._clock, self._scenario = clock, scenario
        self._pace, self._qr_slack = pace or Pace(), qr_slack
        self._lock = threading.RLock()
        self._orders: OrderedDict[str, Order] = OrderedDict()
        self._index: dict[str, str] = {}
        self.counts: Counter[str] = Counter()

    def start(self, request: StartRequest, relying_party: RelyingParty) -> Order:
        """Create an order; raises ApiError alreadyInProgress for a second phone order to one person."""
        plan = self._scenario.plan_next()
        now = self._clock.now()
        order = Order(
            ref=str(uuid.uuid4()),
            auto_start_token=str(uuid.uuid4()),
            qr_start_token=str(uuid.uuid4()),
            qr_start_secret=str(uuid.uuid4()),
            session=secrets.token_urlsafe(16),
            request=request,
            relying_party=relying_party,
            created_at=now,
            script=plan.script,
            is_autopilot=plan.is_autopilot,
            completion_patch=plan.completion_patch,
            warnings=request.warnings,
        )
        with self._lock:
            if request.person_number is not None:
                self._refuse_second_call(request.person_number)
            self._orders[order.ref] = order
            for key in (order.session, order.auto_start_token, order.qr_start_token):
                self._index[key] = order.ref
            self._forget_old()
        return order

    def _refuse_second_call(self, person_number: str) -> None:
        now = self._clock.now()
        for order in self.list_orders():
            is_pending = not isinstance(order.phase, Complete | Failed | Gone)
            if is_pending and order.request.person_number == person_number:
                self._orders[order.ref] = replace(order, phase=Failed(now, "cancelled"))
                raise ApiError(
                    400, "alreadyInProgress", "An order for this user is already in progress; it is cancelled"
                )

    def _forget_old(self) -> None:
        while len(self._orders) > _KEPT_ORDERS:
            _, old = self._orders.popitem(last=False)
            for key in (old.session, old.auto_start_token, old.qr_start_token):
                self._index.pop(key, None)

    def collect(self, ref: str, fingerprint: str) -> tuple[Order, Collected]:
        """Answer a collect; a terminal answer makes the order gone. Raises ApiError."""
        with self._lock:
            order = self._owned(ref, fingerprint)
            order = self._pace_collects(order)
            order = advance(order, self._clock.now(), self._pace)
            answer = self._answer(order)
            order = replace(order, collects=order.collects + 1, last_collect_at=self._clock.now())
            if isinstance(answer, Complete | Failed):
                order = replace(order, phase=Gone(self._clock.now(), "collected", answer))
            self._orders[ref] = order
            return order, answer

    def _pace_collects(self, order: Order) -> Order:
        last = order.last_collect_at
        if last is None or self._clock.now() - last >= _SHORTEST_INTERVAL:
            return order
        order = replace(order, too_fast_collects=order.too_fast_collects + 1)
        if self._scenario.rate == "limit":
            self._orders[order.ref] = order
            headers = {"RateLimit-Limit": "1", "RateLimit-Remaining": "0", "RateLimit-Reset": "1"}
            raise ApiError(429, "tooManyRequests", "Collect at most once a second", headers)
        return order

    def _answer(self, order: Order) -> Collected:
        now = self._clock.now()
        match order.phase:
            case Gone():
                raise InvalidParameters("No such order")
            case Complete() | Failed() as over:
                until = kept_until(order)
                if until is None or now > until:
                    raise InvalidParameters("No such order")
                return over
            case _:
                return Pending(pending_hint(order, now, self._pace))

    def cancel(self, ref: str, fingerprint: str) -> None:
        """Let the relying party withdraw a pending order; raises ApiError."""
        with self._lock:
            order = advance(self._owned(ref, fingerprint), self._clock.now(), self._pace)
            self._orders[ref] = order
            if isinstance(order.phase, Complete | Failed | Gone):
                raise InvalidParameters("No such order")
            self._orders[ref] = replace(order, phase=Gone(self._clock.now(), "cancelled"))

    def _owned(self, ref: str, fingerprint: str) -> Order:
        order = self._orders.get(ref)
        if order is None or order.relying_party.fingerprint != fingerprint:
            raise InvalidParameters("No such order")
        return order

    def scan(self, text: str, persona: Persona, device_ip: str) -> Order:
        """Open the order that a QR frame points at; raises PhoneError."""
        frame = find_frame(text)
        if frame is None:
            raise PhoneError("qr_unreadable", "Det där är ingen QR-kod från BankID.")
        order = self._find(frame.qr_start_token)
        if order is None or order.qr_start_token != frame.qr_start_token or not frame.is_genuine(order.qr_start_secret):
            raise PhoneError("qr_forged", "QR-koden är inte äkta.")
        if not frame.is_fresh(order.age(self._clock.now()), self._qr_slack):
            raise PhoneError("qr_stale", "QR-koden är för gammal. Skanna den som visas just nu.")
        refuse_without_camera(persona)
        order = self.change(order.ref, lambda each: open_order(each, persona, Opening.QR, device_ip, self._clock.now()))
        if order.request.return_url is not None:
            self.change(
                order.ref, lambda each: _warned(each, "returnUrl is for same-device orders, this one was scanned")
            )
        return order

    def scan_newest(self, persona: Persona, device_ip: str) -> Order:
        """Scan what the newest unopened order's QR code shows at this moment; raises PhoneError."""
        for order in self.list_orders():
            if isinstance(order.phase, Waiting) and not order.request.operation.is_by_phone:
                return self.scan(order.frame(self._clock.now()), persona, device_ip)
        raise PhoneError("no_qr_in_sight", "Ingen QR-kod syns just nu. Välj BankID i tjänsten först.")

    def launch(self, auto_start_token: str, persona: Persona, device_ip: str) -> Order:
        """Open the order that an autostart token points at; raises PhoneError."""
        order = self._find(auto_start_token)
        if order is None or order.auto_start_token != auto_start_token or order.request.operation.is_by_phone:
            raise PhoneError("unknown_order", "Begäran finns inte. Börja om i tjänsten.")
        order = self.change(order.ref, lambda each: each)
        opened = opened_of(order)
        if opened is not None and opened.opening is Opening.SCRIPT:
            return order
        return self.change(
            order.ref, lambda each: open_order(each, persona, Opening.AUTOSTART, device_ip, self._clock.now())
        )

    def answer_call(self, persona: Persona, device_ip: str) -> Order:
        """Open the phone order that waits for this person; raises PhoneError."""
        for order in self.list_orders():
            if isinstance(order.phase, Waiting) and order.request.person_number == persona.person_number:
                return self.change(
                    order.ref, lambda each: open_order(each, persona, Opening.CALL, device_ip, self._clock.now())
                )
        raise PhoneError("unknown_order", "Ingen begäran väntar på den här personen.")

    def change(self, ref: str, transition: Callable[[Order], Order]) -> Order:
        """Bring an order up to date and apply a transition; raises what the transition raises."""
        with self._lock:
            order = advance(self._orders[ref], self._clock.now(), self._pace)
            self._orders[ref] = order
            self._orders[ref] = transition(order)
            return self._orders[ref]

    def set_plan(self, ref: str, plan: OrderPlan) -> None:
        """Give an existing order a new script; raises InvalidParameters when there is no such order."""
        if ref not in self._orders:
            raise InvalidParameters("No such order")
        self.change(ref, lambda each: replace(each, script=plan.script, completion_patch=plan.completion_patch))

    def find_session(self, session: str) -> Order | None:
        """The order behind a phone session, brought up to date."""
        order = self._find(session)
        return None if order is None or order.session != session else self.change(order.ref, lambda each: each)

    def _find(self, key: str) -> Order | None:
        with self._lock:
            return self._orders.get(self._index.get(key, ""))

    def list_orders(self) -> list[Order]:
        """Every order, newest first, brought up to date."""
        with self._lock:
            for ref, order in self._orders.items():
                self._orders[ref] = advance(order, self._clock.now(), self._pace)
            return list(reversed(self._orders.values()))

    def hint(self, order: Order) -> str:
        """What a pending order would answer to a collect now."""
        return pending_hint(order, self._clock.now(), self._pace)

    def clear(self) -> None:
        """Forget every order and count."""
        with self._lock:
            self._orders.clear()
            self._index.clear()
            self.counts.clear()


def _warned(order: Order, warning: str) -> Order:
    return replace(order, warnings=(*order.warnings, warning))
