"""The Relying Party API: /rp/v6.0/… as HTTP, with BankID's error bodies and the faults a test has asked for."""

import json
import time
from collections.abc import Callable
from typing import Final, assert_never

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from idp_sandbox.bankid.client_certificate import read_relying_party
from idp_sandbox.bankid.completion import completion_data
from idp_sandbox.bankid.errors import ApiError, InvalidParameters
from idp_sandbox.bankid.faults import Fault, Kind
from idp_sandbox.bankid.keystore import KeyStore
from idp_sandbox.bankid.order import Complete, Failed
from idp_sandbox.bankid.order_store import OrderStore, Pending
from idp_sandbox.bankid.request_validation import read_order_ref, read_start
from idp_sandbox.bankid.scenario import Scenario
from idp_sandbox.bankid.server import CLIENT_CERTIFICATE, DROP_HEADER, LATE
from idp_sandbox.bankid.start_request import Operation, RelyingParty

PREFIX: Final = "/rp/v6.0/"
_GATEWAY_PAGE: Final = "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
_HTTP_CODES: Final = {404: "notFound", 405: "methodNotAllowed", 408: "requestTimeout", 413: "invalidParameters"}
Work = Callable[[RelyingParty, object], dict[str, object]]


def create_api(orders: OrderStore, scenario: Scenario, keys: KeyStore) -> Flask:
    """The WSGI application behind the mTLS port."""
    app = Flask("bankid_api", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it

    def start(operation: Operation) -> Work:
        def work(relying_party: RelyingParty, body: object) -> dict[str, object]:
            order = orders.start(read_start(operation, body), relying_party)
            if operation.is_by_phone:
                return {"orderRef": order.ref}
            return {
                "orderRef": order.ref,
                "autoStartToken": order.auto_start_token,
                "qrStartToken": order.qr_start_token,
                "qrStartSecret": order.qr_start_secret,
            }

        return work

    def collect(relying_party: RelyingParty, body: object) -> dict[str, object]:
        order, answer = orders.collect(read_order_ref(body), relying_party.fingerprint)
        match answer:
            case Pending(hint=hint):
                return {"orderRef": order.ref, "status": "pending", "hintCode": hint}
            case Failed(hint=hint):
                return {"orderRef": order.ref, "status": "failed", "hintCode": hint}
            case Complete() as complete:
                data = completion_data(order, complete, keys)
                return {"orderRef": order.ref, "status": "complete", "completionData": data}
        assert_never(answer)

    def cancel(relying_party: RelyingParty, body: object) -> dict[str, object]:
        orders.cancel(read_order_ref(body), relying_party.fingerprint)
        return {}

    works: dict[str, Work] = {str(each): start(each) for each in Operation} | {"collect": collect, "cancel": cancel}
    for operation, work in works.items():
        view = _view(operation, work, orders, scenario)
        app.add_url_rule(PREFIX + operation, operation, view, methods=["POST"], provide_automatic_options=False)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ApiError, _answer_error)
    app.register_error_handler(Exception, _crash)
    return app


def _view(operation: str, work: Work, orders: OrderStore, scenario: Scenario) -> Callable[[], Response]:
    def view() -> Response:
        orders.counts[operation] += 1
        fault = scenario.take_fault(operation)
        if fault is not None and not fault.processed:
            return _faulty(fault, None)
        try:
            body = work(_relying_party(), _body())
        except ApiError as error:
            orders.counts[f"{operation}:{error.code}"] += 1
            return _answer_error(error)
        if operation == "collect" and body["status"] != "pending":
            fault = scenario.take_fault(operation, terminal=True) or fault
        answer = _json(200, _with_extras(body) if scenario.extra_members else body)
        return answer if fault is None else _faulty(fault, answer)

    return view


def _relying_party() -> RelyingParty:
    certificate = request.environ.get(CLIENT_CERTIFICATE)
    if not isinstance(certificate, bytes):
        raise ApiError(401, "unauthorized", "No client certificate")
    return read_relying_party(certificate)


def _body() -> object:
    if request.environ.get(LATE):
        raise ApiError(408, "requestTimeout", "The request was not sent in time")
    if request.headers.get("Content-Type", "").lower() != "application/json":
        raise ApiError(415, "unsupportedMediaType", "Content-Type must be exactly application/json")
    try:
        parsed: object = json.loads(request.get_data().decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise InvalidParameters("The body is not JSON in UTF-8") from None
    return parsed


def _faulty(fault: Fault, answer: Response | None) -> Response:
    match fault.kind:
        case Kind.SLOW:
            time.sleep(fault.seconds)
            return answer or _error(408, "requestTimeout", "Simulated slowness", {})
        case Kind.RESET | Kind.LOST_RESPONSE:
            return Response(status=599, headers={DROP_HEADER: fault.kind})
        case Kind.GARBAGE:
            return Response(_GATEWAY_PAGE, status=fault.status, mimetype="text/html")
        case Kind.HTTP:
            return _error(fault.status, fault.error_code, "Simulated fault", fault.headers)
    assert_never(fault.kind)


def _with_extras(body: dict[str, object]) -> dict[str, object]:
    extras: dict[str, object] = {"futureMember": {"since": "6.2", "values": [1, 2]}, "anotherFutureMember": None}
    data = body.get("completionData")
    inner = {"completionData": data | {"futureMember": "x"}} if isinstance(data, dict) else {}
    return body | inner | extras


def _json(status: int, body: object) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")


def _error(status: int, code: str, details: str, headers: dict[str, str]) -> Response:
    answer = _json(status, {"errorCode": code, "details": details})
    answer.headers.update(headers)
    return answer


def _answer_error(error: ApiError) -> Response:
    return _error(error.status, error.code, error.details, error.headers)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {"Allow": "POST"} if status == 405 else {}
    return _error(status, _HTTP_CODES.get(status, "internalError"), error.name, headers)


def _crash(error: Exception) -> Response:
    print(f"bankid-simulator: {error!r}", flush=True)  # a bug of the simulator must be seen
    return _error(500, "internalError", "The simulator has a bug", {})
