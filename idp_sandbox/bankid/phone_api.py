"""The phone's JSON API: lets a test act as the person, look at the orders, and direct what happens."""

from flask import Flask, request
from flask.typing import ResponseReturnValue

from idp_sandbox.bankid import screen
from idp_sandbox.bankid.acts import approve, confirm_call, decline
from idp_sandbox.bankid.book import Book
from idp_sandbox.bankid.clock import Clock
from idp_sandbox.bankid.desk import Desk
from idp_sandbox.bankid.fields import Fields
from idp_sandbox.bankid.order import Complete, Failed, Gone, Order, Waiting, opened_of
from idp_sandbox.bankid.personas import DEFAULT, PERSONAS, Persona
from idp_sandbox.bankid.phone import back_target
from idp_sandbox.bankid.refusals import InvalidParameters, PhoneRefused, Refused
from idp_sandbox.bankid.script import read_persona


def add_phone_api(app: Flask, book: Book, desk: Desk, clock: Clock) -> None:
    """Put the JSON API on the application."""
    _add_person(app, book, clock)
    _add_views(app, book, clock)
    _add_direction(app, book, desk, clock)
    app.register_error_handler(PhoneRefused, lambda refused: ({"error": refused.word, "details": refused.text}, 409))
    app.register_error_handler(
        Refused, lambda refused: ({"error": refused.code, "details": refused.details}, refused.status)
    )


def _add_person(app: Flask, book: Book, clock: Clock) -> None:
    @app.post("/api/scan")
    def api_scan() -> ResponseReturnValue:
        fields = _fields()
        order = book.scan(fields.required_text("qr", most=300), _persona(fields), _ip(fields))
        return describe_session(order)

    @app.post("/api/open")
    def api_open() -> ResponseReturnValue:
        fields = _fields()
        token = fields.required_text("autostarttoken", most=100)
        return describe_session(book.launch(token, _persona(fields), _ip(fields)))

    @app.post("/api/call")
    def api_call() -> ResponseReturnValue:
        fields = _fields()
        order = book.answer_call(_persona(fields), _ip(fields))
        if fields.has("confirm"):
            confirmed = fields.flag("confirm")
            order = book.change(order.ref, lambda each: confirm_call(each) if confirmed else decline(each, clock.now()))
        return describe_session(order)

    @app.post("/api/approve")
    def api_approve() -> ResponseReturnValue:
        fields = _fields()
        persona = read_persona(fields)
        order = book.change(_session(book, fields).ref, lambda each: approve(each, clock.now(), persona))
        return describe_session(order)

    @app.post("/api/cancel")
    def api_cancel() -> ResponseReturnValue:
        order = book.change(_session(book, _fields()).ref, lambda each: decline(each, clock.now()))
        return describe_session(order)


def _add_views(app: Flask, book: Book, clock: Clock) -> None:
    @app.get("/api/personas")
    def api_personas() -> ResponseReturnValue:
        return {"default": DEFAULT.id, "personas": [_describe_persona(each) for each in PERSONAS]}

    @app.get("/api/orders")
    def api_orders() -> ResponseReturnValue:
        limit = request.args.get("limit", default=100, type=int)
        now = clock.now()
        orders = [
            _describe_order(each, book, age=each.age(now), qr=each.frame(now)) for each in book.list_orders()[:limit]
        ]
        return {"orders": orders, "counts": dict(book.counts), "now": now.isoformat()}


def _add_direction(app: Flask, book: Book, desk: Desk, clock: Clock) -> None:
    @app.get("/api/scenario")
    def api_scenario() -> ResponseReturnValue:
        return desk.describe() | {"shift_seconds": clock.shift.total_seconds()}

    @app.post("/api/scenario")
    def api_direct() -> ResponseReturnValue:
        body = request.get_json(force=True, silent=True)
        plan = desk.direct(body)
        ref = Fields(body).text("orderRef", most=36)
        if ref is not None:
            book.direct(ref, plan)
        return desk.describe()

    @app.delete("/api/scenario")
    def api_clear() -> ResponseReturnValue:
        desk.clear()
        clock.reset()
        return desk.describe()

    @app.post("/api/clock")
    def api_clock() -> ResponseReturnValue:
        seconds = _fields().find("shift_seconds", required=True)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise InvalidParameters("shift_seconds must be a number")
        clock.jump(seconds)
        return {"shift_seconds": clock.shift.total_seconds(), "now": clock.now().isoformat()}

    @app.delete("/api/orders")
    def api_forget() -> ResponseReturnValue:
        book.clear()
        return {"orders": []}


def _fields() -> Fields:
    return Fields(request.get_json(force=True, silent=True))


def _persona(fields: Fields) -> Persona:
    return read_persona(fields) or DEFAULT


def _ip(fields: Fields) -> str:
    return fields.text("ip", most=45) or request.remote_addr or "127.0.0.1"


def _session(book: Book, fields: Fields) -> Order:
    order = book.find_session(fields.required_text("session", most=64))
    if order is None:
        raise Refused(404, "unknown_session", "There is no such phone session")
    return order


def describe_session(order: Order) -> dict[str, object]:
    """What a phone shows about an order it has opened."""
    return {
        "session": order.session,
        "orderRef": order.ref,
        "operation": order.asked.operation,
        "requester": order.requester.name,
        "intention": order.asked.visible_text,
        "format": "simpleMarkdownV1" if order.asked.is_markdown else "plaintext",
        "returnUrl": back_target(order),
        "status": _status(order),
        "hintCode": order.phase.hint if isinstance(order.phase, Failed) else None,
        "result": screen.result_text(order),
    }


def _status(order: Order) -> str:
    match order.phase:
        case Complete() | Gone(last=Complete()):
            return "complete"
        case Failed() | Gone(last=Failed()):
            return "failed"
        case Gone():
            return "cancelled"
        case _:
            return "pending"


def _hint(order: Order, book: Book) -> str | None:
    match order.phase:
        case Failed(hint=hint) | Gone(last=Failed(hint=hint)):
            return hint
        case Complete() | Gone():
            return None
        case _:
            return book.hint(order)


def _describe_order(order: Order, book: Book, *, age: float, qr: str) -> dict[str, object]:
    opened = opened_of(order)
    asked = order.asked
    return {
        "orderRef": order.ref,
        "operation": asked.operation,
        "status": _status(order),
        "hintCode": _hint(order, book),
        "ageSeconds": round(age, 3),
        "createdAt": order.created_at.isoformat(),
        "requester": order.requester.name,
        "endUserIp": asked.end_user_ip,
        "client": asked.client,
        "intention": asked.visible_text,
        "userNonVisibleData": asked.non_visible,
        "returnUrl": asked.return_url,
        "returnRisk": asked.return_risk,
        "certificatePolicies": list(asked.requirement.certificate_policies),
        "personalNumber": asked.requirement.person_number or asked.person_number,
        "autoStartToken": order.auto_start_token,
        "qr": qr if isinstance(order.phase, Waiting) and not asked.operation.is_by_phone else None,
        "opened": {"how": opened.opening, "persona": opened.persona.id, "ip": opened.device_ip} if opened else None,
        "collected": isinstance(order.phase, Gone) and order.phase.why == "collected",
        "collects": order.collects,
        "tooFastCollects": order.too_fast_collects,
        "warnings": list(order.warnings),
    }


def _describe_persona(persona: Persona) -> dict[str, object]:
    return {
        "id": persona.id,
        "what": persona.what,
        "personalNumber": persona.person_number,
        "name": persona.name,
        "givenName": persona.given_name,
        "surname": persona.surname,
        "risk": persona.risk,
        "policy": persona.policy,
        "traits": sorted(persona.traits),
    }
