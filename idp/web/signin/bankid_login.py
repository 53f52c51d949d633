"""The BankID page: start, watch, cancel, and the way back from the app. It never waits for BankID itself."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

import structlog
from flask import Blueprint, Response, abort, jsonify, redirect, request
from segno import make as make_qr
from werkzeug.wrappers import Response as BaseResponse

from idp.core.budgets import Exhausted
from idp.core.events import FixationSuspected
from idp.core.identification.bankid.api import BankIdUnavailable
from idp.core.identification.bankid.launch import (
    NONCE_PARAMETER,
    Browser,
    DeviceGuess,
    must_come_back,
    open_link,
    read_browser,
)
from idp.core.identification.bankid.messages import RETURNING, pending_message, stopped_message
from idp.core.identification.bankid.order import PAUSED, Launch, Order, OrderState
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.qr import find_current_frame, seconds_left
from idp.core.signin.flow import next_step
from idp.core.signin.start_order import CancelOrder, OrderPolicy, StartOrder, Visitor, intention_for, nonce_hash
from idp.web.client_address import caller_address
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.headers import allow_form_action
from idp.web.pages import language_of, show
from idp.web.services import services
from idp.web.signin.order_limit import refuse_order
from idp.web.signin.visit import Visit, acted, enter, expects, onward, onward_address

blueprint = Blueprint("signin_bankid", __name__)
_log = structlog.get_logger("idp.web")

_LONGEST_START: Final = timedelta(seconds=15)
"""Whoever waits longer than BankID takes to answer hardly waits for BankID: the jobs are away, and trying again costs little."""
_PAGES = {"bankid": "signin/bankid_login.html", "again": "signin/sign_in_again.html"}


@blueprint.get("/signin/<interaction_id>/bankid")
def page(interaction_id: str) -> BaseResponse:
    """Page A or B: log in with BankID."""
    return _page(interaction_id, "bankid")


@blueprint.get("/signin/<interaction_id>/again")
def again_page(interaction_id: str) -> BaseResponse:
    """Page F: log in again after registering."""
    return _page(interaction_id, "again")


def _page(interaction_id: str, name: str) -> BaseResponse:
    visit = enter(interaction_id)
    order = _current_order(visit)
    if not expects(visit, name) or (order is not None and order.is_ready):
        return onward(visit)
    browser = _browser()
    allow_form_action(visit.client_origin)
    said = [name for name in ("stop", "other") if request.args.get(name) == "1"]
    response = show(
        _PAGES[name],
        visit.language,
        same_page=[(name, "1") for name in said],
        **visit.page_context,
        device=_first_device(visit, browser.device_guess),
        status=status_of(visit, order),
        other_person="other" in said or _other_person_was_meant(visit),
        auto_start=name == "bankid" and order is None and "stop" not in said,
        embedded=not browser.can_start_bankid,
        page_url=f"{services().settings.issuer}{visit.base}/bankid",
        come_back=must_come_back(browser),
        start_url=visit.start_address,
        reloading="stop" not in said,
        **(dict[str, Any](again=False) if name == "bankid" else {}),
    )
    if services().cookies.read(request, Cookie.DEVICE) is None:
        services().cookies.write(response, Cookie.DEVICE, new_secret())
    return response


def _current_order(visit: Visit) -> Order | None:
    """The order this page is about; one that has been used up belongs to an identification before."""
    order = services().orders.current(visit.id)
    return None if order is not None and order.state is OrderState.USED else order


def _first_device(visit: Visit, guess: DeviceGuess) -> str:
    hint = visit.request.launch_hint
    if hint == "qr":
        return "computer"
    return "phone" if hint == "same_device" or guess is DeviceGuess.PHONE else "computer"


def _other_person_was_meant(visit: Visit) -> bool:
    subject, hinted = visit.journey.subject, visit.request.hinted_sub
    return visit.interaction.identified is not None and hinted is not None and subject not in {None, hinted}


@blueprint.post("/signin/<interaction_id>/bankid/start")
def start(interaction_id: str) -> BaseResponse:
    """Want an order, QR or same device; an earlier one is given up. The collector starts it at once."""
    visit = enter(interaction_id)
    required = next_step(visit.journey)
    if required is None or not (expects(visit, "bankid") or expects(visit, "again")):
        return _started(visit, "complete")
    try:
        launch = Launch(request.form.get("launch", ""))
    except ValueError:
        abort(400)
    cookies = services().cookies
    visitor = Visitor(
        address=caller_address(),
        user_agent=request.user_agent.string,
        touch_points=_touch_points(),
        device_identifier=cookies.read(request, Cookie.DEVICE) or new_secret(),
        browser_hash=digest(cookies.read(request, Cookie.BROWSER) or ""),
    )
    started = _start_order()(visit.journey, required[1], launch, visitor, _intention(visit), visit.now)
    if isinstance(started, Exhausted):
        return refuse_order(visit, started, as_json=_wants_json())
    acted(visit)
    response = _started(visit, "starting")
    if "touch_points" in request.form:
        cookies.write(response, Cookie.TOUCH, str(_touch_points()))
    return response


def _start_order() -> StartOrder:
    known = services()
    bankid = known.settings.bankid
    return StartOrder(
        orders=known.orders,
        budgets=known.budgets,
        audit=known.audit,
        limits=OrderLimits(
            per_browser=bankid.orders_per_browser,
            per_address=bankid.orders_per_address,
            per_network=bankid.orders_per_network,
        ),
        policy=OrderPolicy(
            issuer=known.settings.issuer,
            launch_url=bankid.launch_url,
            kinds=frozenset(BankIdKind(kind) for kind in bankid.certificate_policies),
            pin_code=bankid.pin_code,
        ),
    )


def _started(visit: Visit, state: str) -> BaseResponse:
    return jsonify({"state": state}) if _wants_json() else onward(visit)


def _wants_json() -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


@blueprint.get("/signin/<interaction_id>/bankid/status")
def status(interaction_id: str) -> Response:
    """What the page shows this second; reads our own rows only."""
    visit = enter(interaction_id, by_person=False)
    if not (expects(visit, "bankid") or expects(visit, "again")):
        return jsonify({"state": "complete", "launch": None, "message": "", "next": onward_address(visit)})
    order = _current_order(visit)
    if order is not None:
        services().orders.watched(order, visit.now)
    return jsonify(status_of(visit, order))


@blueprint.get("/signin/<interaction_id>/bankid/qr.svg")
def qr_image(interaction_id: str) -> Response:
    """The present frame as a picture, for browsers without script."""
    visit = enter(interaction_id, by_person=False)
    order = _current_order(visit)
    frame = _frame(order, visit) if order is not None else None
    if frame is None:
        abort(404)
    image = make_qr(frame, error="l", mode="byte", version=6, mask=2, boost_error=False, micro=False)
    picture = BytesIO()
    image.save(picture, kind="svg", xmldecl=False, light="#fff", scale=6, border=4)
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/signin/<interaction_id>/bankid/cancel")
def cancel(interaction_id: str) -> BaseResponse:
    """Give the order up; the collector tells BankID."""
    visit = enter(interaction_id)
    if visit.interaction.outcome is not None:
        return onward(visit)
    CancelOrder(orders=services().orders, audit=services().audit)(visit.interaction, visit.now)
    acted(visit)
    return redirect(f"{visit.base}/bankid/cancel", code=303)


@blueprint.get("/signin/<interaction_id>/bankid/cancel")
def cancelled_page(interaction_id: str) -> BaseResponse:
    """Ask what now."""
    visit = enter(interaction_id)
    if not (expects(visit, "bankid") or expects(visit, "again")) or _current_order(visit) is not None:
        return onward(visit)
    allow_form_action(visit.client_origin)
    return show(
        "signin/cancelled.html", visit.language, **visit.page_context, over=False, start_url=None, back_url=None
    )


@blueprint.get("/signin/<interaction_id>/bankid/back")
def back(interaction_id: str) -> BaseResponse:
    """Where the BankID app returns to on the same device. The return logs nobody in: it proves that app and browser share a device.

    In another browser than the one that began, the order is given up: that is what the victim of a forwarded start
    link would see (CWE-384).
    """
    known = services()
    now = known.now()
    nonce = nonce_hash(request.args.get(NONCE_PARAMETER, ""))
    secret = known.cookies.read(request, Cookie.BROWSER)
    if secret is None or _is_elsewhere(interaction_id, secret):
        if known.orders.strayed(interaction_id, nonce, now):
            known.audit.record(FixationSuspected(interaction_id=interaction_id), now)
        return show("signin/bankid_back.html", language_of(), base="", wrong_browser=True)
    visit = enter(interaction_id)
    if not known.orders.returned(visit.id, nonce, now):
        _log.warning("return refused", interaction_id=visit.id)
    return redirect(visit.base, code=303)


def _is_elsewhere(interaction_id: str, secret: str) -> bool:
    return services().interactions.exists_elsewhere(interaction_id, digest(secret), services().now())


def status_of(visit: Visit, order: Order | None) -> dict[str, Any]:
    """The state of the page, the same for script and template."""
    if order is None:
        return {"state": "idle", "launch": None, "message": ""}
    return _Shown(visit=visit, order=order).status()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    visit: Visit
    order: Order

    def status(self) -> dict[str, Any]:
        told = {"launch": self.order.launch.value}
        match self.order.state:
            case OrderState.WANTED if self.visit.now - (self.order.asked_at or self.order.wanted_at) > _LONGEST_START:
                _warn_of_no_start(self.order.id)
                return told | self._failed(BankIdUnavailable.default_message_key)
            case OrderState.WANTED:
                return told | {"state": "starting", "message": self._say(self._starting())}
            case OrderState.PENDING:
                return told | self._pending()
            case OrderState.COMPLETE if self.order.must_return:
                return told | {"state": "pending", "message": self._say(RETURNING)}
            case OrderState.COMPLETE:
                return told | {"state": "complete", "message": self._say("bankid.complete"), "next": self.visit.base}
            case OrderState.FAILED if self.order.hint_code == PAUSED:
                return told | {"state": "paused", "message": ""}
            case _:
                return told | self._failed(stopped_message(self.order.hint_code or "", self.order.launch))

    def _failed(self, key: str) -> dict[str, Any]:
        return {"state": "failed", "message": self._say(key), "can_retry": True}

    def _starting(self) -> str:
        """A code that is renewed is waited for in the same words; a link to the app is not there to be tapped yet."""
        if self.order.launch is Launch.SAME_DEVICE:
            return "signin.bankid.preparing"
        return pending_message("outstandingTransaction", self.order.launch)

    def _pending(self) -> dict[str, Any]:
        now, order = self.visit.now, self.order
        hint = order.hint_code or "outstandingTransaction"
        lasted = now - (order.hint_since or order.wanted_at)
        shown: dict[str, Any] = {
            "state": "pending",
            "message": self._say(pending_message(hint, order.launch, in_this_state=lasted)),
        }
        if hint != "outstandingTransaction" or order.started_at is None:
            return shown
        shown["seconds_left"] = seconds_left(order.started_at, now)
        if order.launch is Launch.QR:
            frame = _frame(order, self.visit)
            return shown | ({"qr": frame} if frame else {})
        browser = _browser()
        launch_url = services().settings.bankid.launch_url
        shown |= {"open_url": open_link(browser, order.auto_start_token or "", launch_url=launch_url)}
        if order.returned_at is not None:
            shown |= {"returned": True, "message": self._say(pending_message("processing", order.launch))}
        return shown

    def _say(self, key: str) -> str:
        return services().catalogs.translate(
            self.visit.language,
            key,
            organisation=services().settings.brand.name,
            phone=services().settings.brand.support_phone,
        )


@lru_cache(maxsize=1000)
def _warn_of_no_start(order_id: str) -> None:
    """Say it once per order and process, however often the page asks."""
    _log.warning("order not started", order_id=order_id, remedy="see whether `idp jobs` runs")


def _frame(order: Order, visit: Visit) -> str | None:
    if order.state is not OrderState.PENDING or order.launch is not Launch.QR or order.started_at is None:
        return None
    if order.hint_code not in {None, "outstandingTransaction"}:
        return None
    return find_current_frame(order.qr_start_token or "", order.qr_start_secret or "", order.started_at, visit.now)


def _intention(visit: Visit) -> str:
    known = services()
    house_text = known.catalogs.translate(
        visit.language, "signin.bankid.intention", app=visit.app, organisation=known.settings.brand.name
    )
    return intention_for(visit.client, visit.request, visit.language, house_text)


def _browser() -> Browser:
    return read_browser(request.user_agent.string, touch_points=_touch_points())


def _touch_points() -> int:
    """navigator.maxTouchPoints, sent with the start by the page's script and remembered; 0 when nobody told."""
    told = request.form.get("touch_points") or services().cookies.read(request, Cookie.TOUCH) or ""
    return int(told) if told in {"0", "1", "2", "3", "4", "5", "10"} else 0
