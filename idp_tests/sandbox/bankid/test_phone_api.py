from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp_sandbox.bankid.phone_api import add_phone_api
from idp_sandbox.bankid.simulator import bare_phone_app
from idp_tests.sandbox.bankid.rig import Rig, encoded


@pytest.fixture
def phone(rig: Rig) -> FlaskClient:
    app = bare_phone_app()
    add_phone_api(app, rig.orders, rig.scenario, rig.clock)
    return app.test_client()


def said(response: TestResponse) -> dict[str, Any]:
    return dict(response.json or {})


def seen(phone: FlaskClient) -> dict[str, Any]:
    return dict(said(phone.get("/api/orders"))["orders"][0])


def test_an_order_is_scanned_and_approved(rig: Rig, phone: FlaskClient) -> None:
    order = rig.auth(userVisibleData=encoded("Logga in"))
    rig.wait(3)
    body = {"qr": seen(phone)["qr"], "persona": "bjorn", "ip": "203.0.113.5"}
    opened = said(phone.post("/api/scan", json=body))
    assert (opened["relyingParty"], opened["intention"], opened["status"]) == ("PreZero", "Logga in", "pending")
    assert phone.post("/api/approve", json={"session": opened["session"]}).status_code == 200
    data = rig.collect(order)["completionData"]
    assert data["user"]["givenName"] == "Björn-Åke André"
    assert data["device"]["ipAddress"] == "203.0.113.5"


def test_an_order_is_launched_and_cancelled(rig: Rig, phone: FlaskClient) -> None:
    order = rig.auth(returnUrl="https://rp.example/#n=1")
    opened = said(phone.post("/api/open", json={"autostarttoken": order["autoStartToken"]}))
    assert opened["returnUrl"] == "https://rp.example/#n=1"
    cancelled = said(phone.post("/api/cancel", json={"session": opened["session"]}))
    assert (cancelled["status"], cancelled["hintCode"]) == ("failed", "userCancel")


@pytest.mark.parametrize(("confirm", "expected"), [(True, "userSign"), (False, "userDeclinedCall")])
def test_a_call_is_answered(rig: Rig, phone: FlaskClient, confirm: bool, expected: str) -> None:
    order = rig.call("phone/auth", {"personalNumber": "199001012385", "callInitiator": "user"}).json or {}
    assert phone.post("/api/call", json={"persona": "anna", "confirm": confirm}).status_code == 200
    assert rig.collect(order)["hintCode"] == expected


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("scan", {"qr": "hej"}, 409, "qr_unreadable"),
        ("open", {"autostarttoken": "x"}, 409, "unknown_order"),
        ("open", {"autostarttoken": "x", "persona": "nobody"}, 400, "invalidParameters"),
        ("scan", {}, 400, "invalidParameters"),
        ("call", {}, 409, "unknown_order"),
        ("approve", {"session": "x"}, 404, "unknown_session"),
        ("cancel", [], 400, "invalidParameters"),
        ("clock", {"shift_seconds": "1"}, 400, "invalidParameters"),
        ("scenario", {"scrpt": []}, 400, "invalidParameters"),
        ("scenario", {"orderRef": "x"}, 400, "invalidParameters"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_with_a_word(
    phone: FlaskClient, path: str, body: Any, status: int, word: str
) -> None:
    response = phone.post(f"/api/{path}", json=body)
    assert (response.status_code, said(response)["error"]) == (status, word)


def test_orders_are_described(rig: Rig, phone: FlaskClient) -> None:
    order = rig.auth(userVisibleData=encoded("Logga in"), returnRisk=True, pinkod=1)
    rig.collect(order)
    rig.collect(order, after=0.5)
    described = seen(phone)
    expected = {
        "orderRef": order["orderRef"],
        "operation": "auth",
        "status": "pending",
        "hintCode": "outstandingTransaction",
        "ageSeconds": 2.5,
        "endUserIp": "192.0.2.7",
        "intention": "Logga in",
        "collects": 2,
        "tooFastCollects": 1,
        "opened": None,
        "collected": False,
        "warnings": ["unknown member pinkod"],
    }
    assert expected.items() <= described.items()
    assert said(phone.get("/api/orders"))["counts"] == {"auth": 1, "collect": 2}


def test_the_outcome_of_an_order_stays_visible(rig: Rig, phone: FlaskClient) -> None:
    rig.scenario.set_up({"autopilot": "anna"})
    rig.collect(rig.auth())
    described = seen(phone)
    assert (described["status"], described["collected"], described["qr"]) == ("complete", True, None)
    assert described["opened"] == {"how": "script", "persona": "anna", "ip": "192.0.2.7"}
    rig.scenario.set_up({"autopilot": "off"})
    rig.call("cancel", {"orderRef": rig.auth()["orderRef"]})
    assert seen(phone)["status"] == "cancelled"


def test_orders_can_be_forgotten_and_limited(rig: Rig, phone: FlaskClient) -> None:
    rig.auth()
    rig.auth()
    assert len(said(phone.get("/api/orders?limit=1"))["orders"]) == 1
    phone.delete("/api/orders")
    assert said(phone.get("/api/orders"))["orders"] == []


def test_personas_are_listed(phone: FlaskClient) -> None:
    listed = said(phone.get("/api/personas"))
    anna = listed["personas"][0]
    assert (listed["default"], anna["id"], anna["personalNumber"]) == ("anna", "anna", "199001012385")


def test_time_can_be_moved(rig: Rig, phone: FlaskClient) -> None:
    order = rig.auth()
    assert said(phone.post("/api/clock", json={"shift_seconds": 31}))["shift_seconds"] == 31
    assert rig.collect(order)["hintCode"] == "startFailed"
    assert said(phone.delete("/api/scenario"))["autopilot"] is None
    assert said(phone.get("/api/scenario"))["shift_seconds"] == 0


def test_a_scenario_is_set_for_the_next_order_or_a_given_one(rig: Rig, phone: FlaskClient) -> None:
    first = rig.auth()
    body = {"orderRef": first["orderRef"], "script": [{"after_seconds": 0, "hint": "stepUpFailed"}]}
    assert said(phone.post("/api/scenario", json=body))["planned_orders"] == 0
    assert said(phone.post("/api/scenario", json={"script": body["script"]}))["planned_orders"] == 1
    assert rig.collect(first)["hintCode"] == "stepUpFailed"
    assert rig.collect(rig.auth())["hintCode"] == "stepUpFailed"
