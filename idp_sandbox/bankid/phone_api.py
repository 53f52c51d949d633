"""The phone's JSON API: lets a test act as the person, look at the orders, and set up what happens."""

from flask import Flask, request
from flask.typing import ResponseReturnValue

from idp_sandbox.bankid import phone_texts
from idp_sandbox.bankid.clock import Clock
from idp_sandbox.bankid.errors import ApiError, InvalidParameters, PhoneError
from idp_sandbox.bankid.json_object import JsonObject
from idp_sandbox.bankid.order import Complete, Failed, Gone, Order, Waiting, opened_of
from idp_sandbox.bankid.order_script import read_persona
from idp_sandbox.bankid.order_store import OrderStore
from idp_sandbox.bankid.personas import DEFAULT, PERSONAS, Persona
from idp_sandbox.bankid.phone import back_target
from idp_sandbox.bankid.scenario import Scenario
from idp_sandbox.bankid.transitions import approve, confirm_call, decline


def add_phone_api(app: Flask, orders: OrderStore, scenario: Scenario, clock: Clock) -> None:
    """Put the JSON API on the application."""
    _add_person(app, orders, clock)
    _add_views(app, orders, clock)
    _add_scenario(app, orders, scenario, clock)
    app.register_error_handler(PhoneError, lambda error: ({"error": error.code, "details": error.text}, 409))
    app.register_error_handler(ApiError, lambda error: ({"error": error.code, "details": error.details}, error.status))


def _add_person(app: Flask, orders: OrderStore, clock: Clock) -> None:
    @app.post("/api/scan")
    def api_scan() -> ResponseReturnValue:
        fields = _fields()
        order = orders.scan(fields.required_text("qr", most=300), _persona(fields), _ip(fields))
        return describe_session(order)

    @app.post("/api/open")
    def api_open() -> ResponseReturnValue:
        fields = _fields()
        token = fields.required_text("autostarttoken", most=100)
        return describe_session(orders.launch(token, _persona(fields), _ip(fields)))

    @app.post("/api/call")
    def api_call() -> ResponseReturnValue:
        fields = _fields()
        order = orders.answer_call(_persona(fields), _ip(fields))
        if fields.has("confirm"):
            confirmed = fields.flag("confirm")
            order = orders.change(
                order.ref, lambda each: confirm_call(each) if confirmed else decline(each, clock.now())
            )
        return describe_session(order)

    @app.post("/api/approve")
    def api_approve() -> ResponseReturnValue:
        fields = _fields()
        persona = read_persona(fields)
        order = orders.change(_session(orders, fields).ref, lambda each: approve(each, clock.now(), persona))
        return describe_session(order)

    @app.post("/api/cancel")
    def api_cancel() -> ResponseReturnValue:
        order = orders.change(_session(orders, _fields()).ref, lambda each: decline(each, clock.now()))
        return describe_session(order)


def _add_views(app: Flask, orders: OrderStore, clock: Clock) -> None:
    @app.get("/api/personas")
    def api_personas() -> ResponseReturnValue:
        return {"default": DEFAULT.id, "personas": [_describe_persona(each) for each in PERSONAS]}

    @app.get("/api/orders")
    def api_orders() -> ResponseReturnValue:
        limit = request.args.get("limit", default=100, type=int)
        now = clock.now()
        described = [
            _describe_order(each, orders, age=each.age(now), qr=each.frame(now))
            for each in orders.list_orders()[:limit]
        ]
        return {"orders": described, "counts": dict(orders.counts), "now": now.isoformat()}


def _add_scenario(app: Flask, orders: OrderStore, scenario: Scenario, clock: Clock) -> None:
    @app.get("/api/scenario")
    def api_scenario() -> ResponseReturnValue:
        return scenario.describe() | {"shift_seconds": clock.shift.total_seconds()}

    @app.post("/api/scenario")
    def api_set_up() -> ResponseReturnValue:
        body = request.get_json(force=True, silent=True)
        plan = scenario.set_up(body)
        ref = JsonObject(body).text("orderRef", most=36)
        if ref is not None:
            orders.set_plan(ref, plan)
        return scenario.describe()

    @app.delete("/api/scenario")
    def api_clear() -> ResponseReturnValue:
        scenario.clear()
        clock.reset()
        return scenario.describe()

    @app.post("/api/clock")
    def api_clock() -> ResponseReturnValue:
        seconds = _fields().find("shift_seconds", required=True)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise InvalidParameters("shift_seconds must be a number")
        clock.jump(seconds)
        return {"shift_seconds": clock.shift.total_seconds(), "now": clock.now().isoformat()}

    @app.delete("/api/orders")
    def api_forget() -> ResponseReturnValue:
        orders.clear()
        return {"orders": []}


def _fields() -> JsonObject:
    return JsonObject(request.get_json(force=True, silent=True))


def _persona(fields: JsonObject) -> Persona:
    return read_persona(fields) or DEFAULT


def _ip(fields: JsonObject) -> str:
    return fields.text("ip", most=45) or request.remote_addr or "127.0.0.1"


def _session(orders: OrderStore, fields: JsonObject) -> Order:
    order = orders.find_session(fields.required_text("session", most=64))
    if order is None:
        raise ApiError(404, "unknown_session", "There is no such phone session")
    return order


def describe_session(order: Order) -> dict[str, object]:
    """What a phone shows about an order it has opened."""
    return {
        "session": order.session,
        "orderRef": order.ref,
        "operation": order.request.operation,
        "relyingParty": order.relying_party.name,
        "intention": order.request.visible_text,
        "format": "simpleMarkdownV1" if order.request.is_markdown else "plaintext",
        "returnUrl": back_target(order),
        "status": _status(order),
        "hintCode": order.phase.hint if isinstance(order.phase, Failed) else None,
        "result": phone_texts.result_text(order),
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


def _hint(order: Order, orders: OrderStore) -> str | None:
    match order.phase:
        case Failed(hint=hint) | Gone(last=Failed(hint=hint)):
            return hint
        case Complete() | Gone():
            return None
        case _:
            return orders.hint(order)


def _describe_order(order: Order, orders: OrderStore, *, age: float, qr: str) -> dict[str, object]:
    opened = opened_of(order)
    request = order.request
    return {
        "orderRef": order.ref,
        "operation": request.operation,
        "status": _status(order),
        "hintCode": _hint(order, orders),
        "ageSeconds": round(age, 3),
        "createdAt": order.created_at.isoformat(),
        "relyingParty": order.relying_party.name,
        "endUserIp": request.end_user_ip,
        "client": request.client,
        "intention": request.visible_text,
        "userNonVisibleData": request.non_visible,
        "returnUrl": request.return_url,
        "returnRisk": request.return_risk,
        "certificatePolicies": list(request.requirement.certificate_policies),
        "personalNumber": request.requirement.person_number or request.person_number,
        "autoStartToken": order.auto_start_token,
        "qr": qr if isinstance(order.phase, Waiting) and not request.operation.is_by_phone else None,
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
