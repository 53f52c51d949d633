"""The state of a BankID order as its page shows it, the same for script and template."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import structlog
from flask import request

from idp.core.identification.bankid.api import BankIdUnavailable
from idp.core.identification.bankid.launch import Browser, open_link, read_browser
from idp.core.identification.bankid.messages import RETURNING, pending_message, stopped_message
from idp.core.identification.bankid.order import PAUSED, Launch, Order, OrderState
from idp.core.identification.bankid.qr import find_current_frame, seconds_left
from idp.web.cookies import Cookie, Cookies
from idp.web.pages import Pages
from idp.web.signin.interaction_pages import InteractionContext

_log = structlog.get_logger("idp.web")

_LONGEST_START: Final = timedelta(seconds=15)
"""A longer wait is hardly one for BankID's answer: the jobs are away, and trying again costs little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdStatus:
    """Says what the page shows this second."""

    pages: Pages
    cookies: Cookies
    launch_url: str

    def __call__(self, context: InteractionContext, order: Order | None) -> dict[str, Any]:
        if order is None:
            return {"state": "idle", "launch": None, "message": ""}
        return {"launch": order.launch.value} | self._of(order, context)

    def _of(self, order: Order, context: InteractionContext) -> dict[str, Any]:
        match order.state:
            case OrderState.WANTED if context.now - (order.asked_at or order.wanted_at) > _LONGEST_START:
                _warn_of_no_start(order.id)
                return self._failed(context, BankIdUnavailable.default_message_key)
            case OrderState.WANTED:
                return self._told(context, "starting", _starting(order.launch))
            case OrderState.PENDING:
                return self._pending(order, context)
            case OrderState.COMPLETE if order.must_return:
                return self._told(context, "pending", RETURNING)
            case OrderState.COMPLETE:
                return self._told(context, "complete", "bankid.complete") | {"next": context.base}
            case OrderState.FAILED if order.hint_code == PAUSED:
                return {"state": "paused", "message": ""}
            case _:
                return self._failed(context, stopped_message(order.hint_code or "", order.launch))

    def _pending(self, order: Order, context: InteractionContext) -> dict[str, Any]:
        hint = order.hint_code or "outstandingTransaction"
        lasted = context.now - (order.hint_since or order.wanted_at)
        shown = self._told(context, "pending", pending_message(hint, order.launch, in_this_state=lasted))
        if hint != "outstandingTransaction" or order.started_at is None:
            return shown
        shown["seconds_left"] = seconds_left(order.started_at, context.now)
        if order.launch is Launch.QR:
            frame = qr_frame(order, context.now)
            return shown | ({"qr": frame} if frame else {})
        browser = present_browser(self.cookies)
        shown["open_url"] = open_link(browser, order.auto_start_token or "", launch_url=self.launch_url)
        if order.returned_at is not None:
            shown["returned"] = True
            shown["message"] = self._say(context, pending_message("processing", order.launch))
        return shown

    def _failed(self, context: InteractionContext, key: str) -> dict[str, Any]:
        return self._told(context, "failed", key) | {"can_retry": True}

    def _told(self, context: InteractionContext, state: str, key: str) -> dict[str, Any]:
        return {"state": state, "message": self._say(context, key)}

    def _say(self, context: InteractionContext, key: str) -> str:
        return self.pages.say(context.language, key)


def _starting(launch: Launch) -> str:
    """A code that is renewed is waited for in the same words; a link to the app is not there to be tapped yet."""
    if launch is Launch.SAME_DEVICE:
        return "signin.bankid.preparing"
    return pending_message("outstandingTransaction", launch)


def qr_frame(order: Order, now: datetime) -> str | None:
    """The text of the code that may be scanned this second; None when there is none."""
    if order.state is not OrderState.PENDING or order.launch is not Launch.QR or order.started_at is None:
        return None
    if order.hint_code not in {None, "outstandingTransaction"}:
        return None
    return find_current_frame(order.qr_start_token or "", order.qr_start_secret or "", order.started_at, now)


def present_browser(cookies: Cookies) -> Browser:
    """What can be known of the browser that sends this request."""
    return read_browser(request.user_agent.string, touch_points=touch_points(cookies))


def touch_points(cookies: Cookies) -> int:
    """navigator.maxTouchPoints, sent with the start by the page's script and remembered; 0 when nobody told."""
    told = request.form.get("touch_points") or cookies.read(request, Cookie.TOUCH) or ""
    return int(told) if told in {"0", "1", "2", "3", "4", "5", "10"} else 0


@lru_cache(maxsize=1000)
def _warn_of_no_start(order_id: str) -> None:
    """Say it once per order and process, however often the page asks."""
    _log.warning("order not started", order_id=order_id, remedy="see whether `idp jobs` runs")
