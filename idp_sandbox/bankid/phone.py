"""The virtual phone: the web page on which a person scans, opens, reads and approves or cancels."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from flask import Flask, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from idp_sandbox.bankid import phone_texts
from idp_sandbox.bankid.clock import Clock
from idp_sandbox.bankid.errors import PhoneError
from idp_sandbox.bankid.order import Opened, Opening, Order, Waiting, opened_of
from idp_sandbox.bankid.order_store import OrderStore
from idp_sandbox.bankid.personas import DEFAULT, PERSONAS, Persona, find_persona
from idp_sandbox.bankid.transitions import approve, confirm_call, decline

_PERSONA_COOKIE: Final = "phone_persona"
_SESSION_COOKIE: Final = "phone_session"
_UNSAFE_SCHEME: Final = re.compile(r"(?i)\s*(javascript|data|vbscript|file|blob|about):")
_POLICY: Final = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


def add_phone(app: Flask, orders: OrderStore, clock: Clock) -> None:
    """Put the phone's pages on the application."""
    _add_start_pages(app, orders)
    _add_order_pages(app, orders, clock)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _add_start_pages(app: Flask, orders: OrderStore) -> None:
    @app.get("/")
    def home() -> AnyResponse:
        token = request.args.get("autostarttoken")
        return _launch(orders, token) if token else _home(orders)

    @app.post("/scan")
    def scan() -> AnyResponse:
        persona = _chosen_persona()
        try:
            order = orders.scan(request.form.get("qr", ""), persona, _ip())
        except PhoneError as error:
            return _home(orders, error, persona)
        return _to_order(order, persona)

    @app.post("/look")
    def look() -> AnyResponse:
        persona = _chosen_persona()
        try:
            order = orders.scan_newest(persona, _ip())
        except PhoneError as error:
            return _home(orders, error, persona)
        return _to_order(order, persona)

    @app.post("/call")
    def call() -> AnyResponse:
        persona = _chosen_persona()
        try:
            order = orders.answer_call(persona, _ip())
        except PhoneError as error:
            return _home(orders, error, persona)
        return _to_order(order, persona)


def _add_order_pages(app: Flask, orders: OrderStore, clock: Clock) -> None:
    def act(session: str, transition: Callable[[Order], Order]) -> AnyResponse:
        order = orders.find_session(session)
        if order is None:
            return _gone()
        try:
            order = orders.change(order.ref, transition)
        except PhoneError as error:
            return _show(order, error, _chosen_persona())
        return _after(order)

    @app.get("/order/<session>")
    def order_page(session: str) -> AnyResponse:
        order = orders.find_session(session)
        return _gone() if order is None else _show(order)

    @app.post("/order/<session>/approve")
    def approve_order(session: str) -> AnyResponse:
        return act(session, lambda each: approve(each, clock.now(), _chosen_persona()))

    @app.post("/order/<session>/confirm")
    def confirm_order(session: str) -> AnyResponse:
        return act(session, confirm_call)

    @app.post("/order/<session>/cancel")
    def cancel_order(session: str) -> AnyResponse:
        return act(session, lambda each: decline(each, clock.now()))


def _launch(orders: OrderStore, token: str) -> AnyResponse:
    """What the app does when a launch link opens it."""
    persona = _remembered_persona()
    already = orders.find_session(request.cookies.get(_SESSION_COOKIE, ""))
    if already is not None and already.auto_start_token == token and not isinstance(already.phase, Waiting):
        return redirect(_order_url(already), 303)
    try:
        order = orders.launch(token, persona, _ip())
    except PhoneError as error:
        return _home(orders, error, persona)
    return _to_order(order, persona)


def _order_url(order: Order) -> str:
    legacy = request.args.get("redirect", "")
    return f"/order/{order.session}" + (f"?redirect={quote(legacy, safe='')}" if legacy not in {"", "null"} else "")


def _to_order(order: Order, persona: Persona) -> AnyResponse:
    response = redirect(_order_url(order), 303)
    response.set_cookie(_PERSONA_COOKIE, persona.id, httponly=True, samesite="Lax", secure=request.is_secure)
    response.set_cookie(_SESSION_COOKIE, order.session, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def back_target(order: Order, legacy: str | None = None) -> str | None:
    """Where a same-device order leads when it is over: its returnUrl, else the launch link's old redirect parameter."""
    opened = opened_of(order)
    if opened is not None and opened.opening in {Opening.QR, Opening.CALL}:
        return None
    target = order.request.return_url or (legacy if legacy and legacy != "null" else None)
    return None if target is None or _UNSAFE_SCHEME.match(target) else target


def _after(order: Order) -> AnyResponse:
    target = back_target(order, request.values.get("redirect"))
    if target is None or not phone_texts.has_succeeded(order):
        return redirect(_order_url(order), 303)
    return redirect(target, 303)


def _show(order: Order, error: PhoneError | None = None, persona: Persona | None = None) -> AnyResponse:
    opened = opened_of(order)
    target = back_target(order, request.values.get("redirect"))
    if phone_texts.has_succeeded(order) and target is not None:
        return redirect(target, 303)
    refreshes = order.is_autopilot and bool(order.script)
    page = render_template(
        "order.html" if isinstance(order.phase, Opened) else "result.html",
        order=order,
        heading=phone_texts.heading(order),
        approval=phone_texts.approval_word(order),
        intention=Markup(phone_texts.intention_html(order)),  # noqa: S704 - escaped by the markdown module
        question=phone_texts.call_question(order),
        result=phone_texts.result_text(order),
        succeeded=phone_texts.has_succeeded(order),
        personas=PERSONAS,
        chosen=persona or (opened.persona if opened else DEFAULT),
        call_confirmed=not isinstance(order.phase, Opened) or order.phase.call_confirmed,
        back=target,
        legacy=request.values.get("redirect", ""),
        refreshes=refreshes,
        error=error,
    )
    response = make_response(page, 409 if error else 200)
    if refreshes:
        response.headers["Refresh"] = "1"
    return response


def _home(orders: OrderStore, error: PhoneError | None = None, persona: Persona | None = None) -> AnyResponse:
    calls = [
        each for each in orders.list_orders() if isinstance(each.phase, Waiting) and each.request.operation.is_by_phone
    ]
    page = render_template(
        "home.html", personas=PERSONAS, chosen=persona or _remembered_persona(), error=error, calls=calls
    )
    return make_response(page, 409 if error else 200)


def _gone() -> AnyResponse:
    error = PhoneError("unknown_order", "Begäran finns inte. Börja om i tjänsten.")
    page = render_template("home.html", personas=PERSONAS, chosen=_remembered_persona(), error=error, calls=[])
    return make_response(page, 404)


def _remembered_persona() -> Persona:
    return find_persona(request.cookies.get(_PERSONA_COOKIE, "")) or DEFAULT


def _chosen_persona() -> Persona:
    return find_persona(request.form.get("persona", "")) or _remembered_persona()


def _ip() -> str:
    return request.remote_addr or "127.0.0.1"
