from typing import Any

import pytest

from idp_sandbox.bankid.errors import InvalidParameters
from idp_sandbox.bankid.server import DROP_HEADER
from idp_tests.sandbox.bankid.rig import Rig


def state(answer: dict[str, Any]) -> str:
    return str(answer.get("hintCode") or answer.get("status") or answer.get("errorCode"))


def test_a_script_by_seconds(rig: Rig) -> None:
    script = [
        {"after_seconds": 1, "hint": "userStepUp"},
        {"after_seconds": 4, "hint": "userFace"},
        {"after_seconds": 100, "hint": "facialRecognitionFailed"},
    ]
    rig.scenario.set_up({"script": script})
    order = rig.auth()
    seen = [state(rig.collect(order, after=seconds)) for seconds in (0, 2, 2, 90, 10)]
    assert seen == ["outstandingTransaction", "userStepUp", "userFace", "userFace", "facialRecognitionFailed"]


def test_a_script_by_collects(rig: Rig) -> None:
    script = [
        {"after_collects": 1, "do": "open", "persona": "johan"},
        {"after_collects": 3, "hint": "certificateErr"},
    ]
    rig.scenario.set_up({"script": script})
    order = rig.auth()
    seen = [state(rig.collect(order)) for _ in range(4)]
    assert seen == ["outstandingTransaction", "userSign", "userSign", "certificateErr"]


@pytest.mark.parametrize(("status", "expected"), [("pending", "pending"), ("failed", "failed")])
def test_an_unknown_hint_can_be_shown(rig: Rig, status: str, expected: str) -> None:
    rig.scenario.set_up({"script": [{"after_collects": 0, "hint": "somethingNew", "status": status}]})
    answer = rig.collect(rig.auth())
    assert (answer["status"], answer["hintCode"]) == (expected, "somethingNew")


def test_a_script_is_for_as_many_orders_as_it_says(rig: Rig) -> None:
    rig.scenario.set_up({"script": [{"after_seconds": 0, "do": "cancel"}], "orders": 2})
    assert [state(rig.collect(rig.auth())) for _ in range(3)] == ["userCancel", "userCancel", "outstandingTransaction"]


def test_a_script_can_be_given_to_an_existing_order(rig: Rig) -> None:
    first, second = rig.auth(), rig.auth()
    body = {"orderRef": first["orderRef"], "script": [{"after_seconds": 0, "hint": "expiredTransaction"}]}
    rig.orders.set_plan(first["orderRef"], rig.scenario.set_up(body))
    assert state(rig.collect(first)) == "expiredTransaction"
    assert state(rig.collect(second)) == "outstandingTransaction"


def test_the_autopilot_completes_within_about_a_second(rig: Rig) -> None:
    rig.scenario.set_up({"autopilot": "sixten"})
    order = rig.auth()
    assert state(rig.collect(order, after=0.1)) == "outstandingTransaction"
    assert state(rig.collect(order, after=0.2)) == "started"
    answer = rig.collect(order, after=0.7)
    assert answer["completionData"]["user"]["givenName"] == "Sixten"
    rig.scenario.set_up({"autopilot": "off"})
    assert state(rig.collect(rig.auth())) == "outstandingTransaction"


def test_the_autopilot_answers_calls_too(rig: Rig) -> None:
    rig.scenario.set_up({"autopilot": "anna"})
    order = rig.call("phone/auth", {"personalNumber": "199001012385", "callInitiator": "RP"}).json
    assert rig.collect(order or {})["status"] == "complete"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "http", "status": 503, "errorCode": "Maintenance"}, 503, "Maintenance"),
        ({"kind": "http"}, 503, "maintenance"),
        ({"kind": "http", "status": 500}, 500, "internalError"),
        ({"kind": "http", "status": 408}, 408, "requestTimeout"),
        ({"kind": "http", "status": 429}, 429, "tooManyRequests"),
        ({"kind": "http", "status": 400, "errorCode": "brandNew"}, 400, "brandNew"),
        ({"kind": "http", "status": 401}, 401, "unauthorized"),
    ],
    ids=str,
)
def test_an_http_fault_answers_without_making_an_order(rig: Rig, fault: dict[str, Any], status: int, code: str) -> None:
    rig.scenario.set_up({"faults": [fault | {"operation": "auth"}]})
    response = rig.call("auth", {"endUserIp": "192.0.2.1"})
    assert (response.status_code, (response.json or {})["errorCode"]) == (status, code)
    assert ("RateLimit-Reset" in response.headers) is (status == 429)
    assert rig.orders.list_orders() == []
    assert rig.call("auth", {"endUserIp": "192.0.2.1"}).status_code == 200


def test_a_gateways_page_is_not_json(rig: Rig) -> None:
    rig.scenario.set_up({"faults": [{"kind": "garbage", "operation": "collect"}]})
    response = rig.call("collect", {"orderRef": rig.auth()["orderRef"]})
    assert (response.status_code, response.mimetype) == (502, "text/html")


def test_a_reset_happens_after_the_order_was_made(rig: Rig) -> None:
    rig.scenario.set_up({"faults": [{"kind": "reset", "operation": "auth"}]})
    assert DROP_HEADER in rig.call("auth", {"endUserIp": "192.0.2.1"}).headers
    assert len(rig.orders.list_orders()) == 1


def test_a_slow_answer_comes_after_the_order_was_made(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("idp_sandbox.bankid.api.time.sleep", slept.append)
    rig.scenario.set_up({"faults": [{"kind": "slow", "seconds": 11}]})
    assert rig.call("auth", {"endUserIp": "192.0.2.1"}).status_code == 200
    assert slept == [11]


def test_a_lost_response_uses_up_the_terminal_answer(rig: Rig) -> None:
    rig.scenario.set_up({"faults": [{"kind": "lost_response"}]})
    order = rig.auth()
    assert rig.collect(order)["status"] == "pending"
    rig.wait(40)
    assert DROP_HEADER in rig.call("collect", {"orderRef": order["orderRef"]}).headers
    assert state(rig.collect(order)) == "invalidParameters"


def test_a_fault_waits_for_its_turn_and_is_used_up(rig: Rig) -> None:
    rig.scenario.set_up({"faults": [{"kind": "http", "operation": "collect", "skip": 1, "times": 2}]})
    order = rig.auth()
    seen = [state(rig.collect(order)) for _ in range(4)]
    assert seen == ["outstandingTransaction", "maintenance", "maintenance", "outstandingTransaction"]


def test_answers_can_carry_unknown_members(rig: Rig) -> None:
    rig.scenario.set_up({"extra_members": True, "autopilot": "anna"})
    order = rig.auth()
    answer = rig.collect(order)
    assert "futureMember" in order
    assert "futureMember" in answer
    assert "futureMember" in answer["completionData"]


def test_clearing_goes_back_to_the_start(rig: Rig) -> None:
    rig.scenario.set_up({"autopilot": "anna", "rate": "limit", "extra_members": True, "faults": [{"kind": "http"}]})
    rig.scenario.clear()
    described = rig.scenario.describe()
    assert described == {
        "autopilot": None,
        "rate": "count",
        "extra_members": False,
        "planned_orders": 0,
        "faults": [],
    }


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"scrpt": []},
        {"script": {}},
        {"script": [{"hint": "somethingNew"}]},
        {"script": [{"do": "fly"}]},
        {"script": [{"do": "open", "persona": "nobody"}]},
        {"script": [{"after_seconds": "1", "do": "open"}]},
        {"script": [{"after_collects": 1.5, "do": "open"}]},
        {"script": [{"do": "open", "when": 3}]},
        {"faults": {}},
        {"faults": [{"kind": "fire"}]},
        {"faults": [{"kind": "http", "times": -1}]},
        {"faults": [{"kind": "http", "sometimes": 1}]},
        {"faults": [{"kind": "slow", "seconds": 1000}]},
        {"autopilot": "nobody"},
        {"rate": "fast"},
    ],
    ids=str,
)
def test_a_misspelt_scenario_is_refused(rig: Rig, body: Any) -> None:
    with pytest.raises(InvalidParameters):
        rig.scenario.set_up(body)
