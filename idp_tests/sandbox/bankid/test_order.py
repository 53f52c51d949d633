from typing import Any

import pytest

from idp_sandbox.bankid.errors import PhoneError
from idp_sandbox.bankid.order import Order
from idp_sandbox.bankid.personas import Persona, find_persona
from idp_sandbox.bankid.transitions import approve, confirm_call, decline
from idp_tests.sandbox.bankid.rig import Rig


def someone(persona_id: str = "anna") -> Persona:
    persona = find_persona(persona_id)
    assert persona is not None
    return persona


def launch(rig: Rig, order: dict[str, Any], persona_id: str = "anna") -> Order:
    return rig.orders.launch(order["autoStartToken"], someone(persona_id), "198.51.100.9")


def approve_as(rig: Rig, order: dict[str, Any], persona_id: str = "anna") -> Order:
    opened = launch(rig, order, persona_id)
    return rig.orders.change(opened.ref, lambda each: approve(each, rig.now))


def state(answer: dict[str, Any]) -> str:
    return str(answer.get("hintCode") or answer.get("status") or answer.get("errorCode"))


def test_an_order_goes_through_its_hints_to_completion(rig: Rig) -> None:
    order = rig.auth()
    assert state(rig.collect(order)) == "outstandingTransaction"
    opened = launch(rig, order)
    assert state(rig.collect(order, after=0.1)) == "started"
    assert state(rig.collect(order)) == "userSign"
    rig.orders.change(opened.ref, lambda each: approve(each, rig.now))
    assert state(rig.collect(order, after=0.4)) == "processing"
    assert state(rig.collect(order)) == "complete"


@pytest.mark.parametrize(("seconds", "expected"), [(29.9, "outstandingTransaction"), (30, "startFailed")])
def test_an_unopened_order_fails_to_start_after_thirty_seconds(rig: Rig, seconds: float, expected: str) -> None:
    assert state(rig.collect(rig.auth(), after=seconds)) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(190, "startFailed"), (190.1, "invalidParameters")])
def test_an_unopened_order_is_kept_for_three_minutes_and_ten_seconds(rig: Rig, seconds: float, expected: str) -> None:
    assert state(rig.collect(rig.auth(), after=seconds)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(179.9, "userSign"), (180, "expiredTransaction"), (480, "expiredTransaction"), (480.1, "invalidParameters")],
)
def test_an_opened_order_expires_after_three_minutes_and_is_kept_for_five_more(
    rig: Rig, seconds: float, expected: str
) -> None:
    order = rig.auth()
    launch(rig, order)
    assert state(rig.collect(order, after=seconds)) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(180.5, "complete"), (180.6, "invalidParameters")])
def test_a_completed_order_is_kept_for_three_minutes(rig: Rig, seconds: float, expected: str) -> None:
    order = rig.auth()
    approve_as(rig, order)
    assert state(rig.collect(order, after=seconds)) == expected


def test_a_completed_order_is_delivered_once(rig: Rig) -> None:
    order = rig.auth()
    approve_as(rig, order)
    assert [state(rig.collect(order)) for _ in range(2)] == ["complete", "invalidParameters"]


def test_a_failure_is_delivered_once(rig: Rig) -> None:
    order = rig.auth()
    assert [state(rig.collect(order, after=31)) for _ in range(2)] == ["startFailed", "invalidParameters"]


def test_a_person_can_cancel(rig: Rig) -> None:
    order = rig.auth()
    opened = launch(rig, order)
    rig.orders.change(opened.ref, lambda each: decline(each, rig.now))
    assert state(rig.collect(order)) == "userCancel"


def test_a_relying_party_can_cancel_once(rig: Rig) -> None:
    order = rig.auth()
    answers = [rig.call("cancel", {"orderRef": order["orderRef"]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[0].json == {}
    assert state(rig.collect(order)) == "invalidParameters"


def test_a_cancelled_order_cannot_be_opened(rig: Rig) -> None:
    order = rig.auth()
    rig.call("cancel", {"orderRef": order["orderRef"]})
    with pytest.raises(PhoneError) as refused:
        launch(rig, order)
    assert refused.value.code == "order_over"


def test_a_finished_order_cannot_be_cancelled(rig: Rig) -> None:
    order = rig.auth()
    approve_as(rig, order)
    rig.wait(1)
    assert rig.call("cancel", {"orderRef": order["orderRef"]}).status_code == 400
    assert state(rig.collect(order)) == "complete"


def test_an_order_is_opened_once(rig: Rig) -> None:
    order = rig.auth()
    launch(rig, order)
    with pytest.raises(PhoneError) as refused:
        launch(rig, order, "johan")
    assert refused.value.code == "already_opened"


@pytest.mark.parametrize(
    ("persona_id", "members", "expected"),
    [
        ("bertil", {}, "certificateErr"),
        ("nils", {"requirement": {"mrtd": True}}, "nfcNotSupportedByDevice"),
        ("nils", {}, "complete"),
        ("eva", {"requirement": {"mrtd": True}}, "multipleBankIdsOnDevice"),
        ("eva2", {}, "complete"),
        ("gun", {}, "complete"),
        ("helena", {}, "complete"),
        ("doris", {"requirement": {"certificatePolicies": ["1.2.3.4.*"]}}, "complete"),
        ("amira", {"requirement": {"personalNumber": "198704662397"}}, "complete"),
    ],
)
def test_a_persona_ends_an_order_in_its_own_way(
    rig: Rig, persona_id: str, members: dict[str, Any], expected: str
) -> None:
    order = rig.auth(**members)
    approve_as(rig, order, persona_id)
    assert state(rig.collect(order, after=3)) == expected


@pytest.mark.parametrize(("persona_id", "return_url"), [("gunnar", None), ("gunnar", "x:y"), ("gun", "x:y")])
def test_an_old_app_ends_the_order_when_it_opens_it(rig: Rig, persona_id: str, return_url: str | None) -> None:
    order = rig.auth(**({"returnUrl": return_url} if return_url else {}))
    launch(rig, order, persona_id)
    assert state(rig.collect(order)) == "notSupportedByUserApp"


@pytest.mark.parametrize(
    "requirement", [{"personalNumber": "191212121212"}, {"certificatePolicies": ["1.2.3.4.5", "1.2.752.78.*"]}]
)
def test_a_bankid_the_order_does_not_accept_gets_no_further_than_started(rig: Rig, requirement: dict[str, Any]) -> None:
    order = rig.auth(requirement=requirement)
    with pytest.raises(PhoneError) as refused:
        approve_as(rig, order)
    assert refused.value.code == "no_usable_bankid"
    assert state(rig.collect(order)) == "started"


def test_a_document_check_shows_its_own_hint(rig: Rig) -> None:
    order = rig.auth(requirement={"mrtd": True})
    approve_as(rig, order)
    assert state(rig.collect(order, after=0.2)) == "userMrtd"
    assert state(rig.collect(order, after=0.5)) == "processing"
    assert rig.collect(order)["completionData"]["stepUp"] == {"mrtd": True}


def test_a_risky_payment_is_blocked_when_the_requirement_says_so(rig: Rig) -> None:
    transaction = {"transactionType": "npa", "recipient": {"name": "Butiken"}}
    body = {"endUserIp": "192.0.2.1", "userVisibleTransaction": transaction, "requirement": {"risk": "low"}}
    order = dict(rig.call("payment", body).json or {})
    approve_as(rig, order, "mikael")
    assert state(rig.collect(order)) == "transactionRiskBlocked"


def start_call(rig: Rig) -> Any:
    return rig.call("phone/auth", {"personalNumber": "199001012385", "callInitiator": "RP"}).json


def test_a_call_is_confirmed_before_it_is_approved(rig: Rig) -> None:
    order = start_call(rig)
    assert state(rig.collect(order)) == "noClient"
    opened = rig.orders.answer_call(someone(), "198.51.100.9")
    assert state(rig.collect(order)) == "userCallConfirm"
    with pytest.raises(PhoneError):
        rig.orders.change(opened.ref, lambda each: approve(each, rig.now))
    rig.orders.change(opened.ref, confirm_call)
    assert state(rig.collect(order)) == "userSign"
    rig.orders.change(opened.ref, lambda each: approve(each, rig.now))
    assert state(rig.collect(order)) == "complete"


def test_a_call_can_be_declined(rig: Rig) -> None:
    order = start_call(rig)
    opened = rig.orders.answer_call(someone(), "198.51.100.9")
    rig.orders.change(opened.ref, lambda each: decline(each, rig.now))
    assert state(rig.collect(order)) == "userDeclinedCall"


def test_a_second_call_to_one_person_cancels_both(rig: Rig) -> None:
    first, second = start_call(rig), start_call(rig)
    assert second["errorCode"] == "alreadyInProgress"
    assert state(rig.collect(first)) == "cancelled"
    assert "orderRef" in start_call(rig)


def test_nobody_else_can_answer_a_call(rig: Rig) -> None:
    start_call(rig)
    with pytest.raises(PhoneError) as refused:
        rig.orders.answer_call(someone("johan"), "198.51.100.9")
    assert refused.value.code == "unknown_order"
