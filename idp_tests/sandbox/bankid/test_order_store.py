import pytest

from idp_sandbox.bankid.errors import PhoneError
from idp_sandbox.bankid.personas import DEFAULT, find_persona
from idp_sandbox.bankid.qr import frame_text
from idp_sandbox.bankid.transitions import approve
from idp_tests.sandbox.bankid.rig import Rig

HERE = "198.51.100.9"


def test_a_fresh_frame_opens_the_order(rig: Rig) -> None:
    order = rig.auth()
    rig.wait(12)
    frame = frame_text(order["qrStartToken"], order["qrStartSecret"], 12)
    assert rig.orders.scan(frame, DEFAULT, HERE).ref == order["orderRef"]
    assert rig.collect(order)["hintCode"] == "userSign"


@pytest.mark.parametrize(
    ("second", "age", "secret", "word"),
    [
        (0, 8, None, "qr_stale"),
        (20, 3, None, "qr_stale"),
        (3, 3, "7a1d6b52-93c8-4f7e-8f0a-5e2c1b7d9c40", "qr_forged"),
        (31, 31, None, "order_over"),
    ],
)
def test_a_stale_forged_or_late_frame_is_refused(
    rig: Rig, second: int, age: float, secret: str | None, word: str
) -> None:
    order = rig.auth()
    rig.wait(age)
    with pytest.raises(PhoneError) as refused:
        rig.orders.scan(frame_text(order["qrStartToken"], secret or order["qrStartSecret"], second), DEFAULT, HERE)
    assert refused.value.code == word


def test_an_autostart_token_is_no_qr_token_and_the_reverse(rig: Rig) -> None:
    order = rig.auth()
    with pytest.raises(PhoneError):
        rig.orders.launch(order["qrStartToken"], DEFAULT, HERE)
    with pytest.raises(PhoneError):
        rig.orders.scan(frame_text(order["autoStartToken"], order["qrStartSecret"], 0), DEFAULT, HERE)


def test_a_computer_cannot_scan_but_can_be_launched(rig: Rig) -> None:
    order, computer = rig.auth(), find_persona("doris")
    assert computer is not None
    with pytest.raises(PhoneError) as refused:
        rig.orders.scan(frame_text(order["qrStartToken"], order["qrStartSecret"], 0), computer, HERE)
    assert refused.value.code == "no_camera"
    assert rig.orders.launch(order["autoStartToken"], computer, HERE).ref == order["orderRef"]


def test_scanning_an_order_with_a_return_url_is_warned_about(rig: Rig) -> None:
    order = rig.auth(returnUrl="https://rp.example/")
    rig.orders.scan(frame_text(order["qrStartToken"], order["qrStartSecret"], 0), DEFAULT, HERE)
    assert "returnUrl is for same-device orders, this one was scanned" in rig.orders.list_orders()[0].warnings


def test_collects_are_counted_and_fast_ones_too(rig: Rig) -> None:
    order = rig.auth()
    for seconds in (2, 0.5, 1):
        rig.collect(order, after=seconds)
    [seen] = rig.orders.list_orders()
    assert (seen.collects, seen.too_fast_collects) == (3, 1)


def test_fast_collects_are_refused_when_the_rate_is_limited(rig: Rig) -> None:
    rig.scenario.set_up({"rate": "limit"})
    order = rig.auth()
    rig.collect(order)
    response = rig.call("collect", {"orderRef": order["orderRef"]})
    assert (response.status_code, (response.json or {})["errorCode"]) == (429, "tooManyRequests")
    assert [response.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] == ["1", "0", "1"]
    assert rig.collect(order)["status"] == "pending"


def test_old_orders_are_forgotten(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp_sandbox.bankid.order_store._KEPT_ORDERS", 2)
    first = rig.auth()
    rig.auth()
    rig.auth()
    assert rig.collect(first)["errorCode"] == "invalidParameters"
    assert len(rig.orders.list_orders()) == 2
    with pytest.raises(PhoneError):
        rig.orders.launch(first["autoStartToken"], DEFAULT, HERE)


def test_a_scanned_order_cannot_be_approved_by_a_computer(rig: Rig) -> None:
    order, computer = rig.auth(), find_persona("doris")
    rig.orders.scan(frame_text(order["qrStartToken"], order["qrStartSecret"], 0), DEFAULT, HERE)
    with pytest.raises(PhoneError) as refused:
        rig.orders.change(order["orderRef"], lambda each: approve(each, rig.now, computer))
    assert refused.value.code == "no_camera"
