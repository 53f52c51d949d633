from typing import Any

import pytest

from idp_sandbox.bankid.server import CLIENT_CERTIFICATE, LATE
from idp_tests.sandbox.bankid.rig import Rig


def test_a_start_answers_with_four_different_tokens(rig: Rig) -> None:
    order = rig.auth()
    assert set(order) == {"orderRef", "autoStartToken", "qrStartToken", "qrStartSecret"}
    assert len({*order.values()}) == 4


def test_a_phone_start_answers_with_a_reference_only(rig: Rig) -> None:
    body = {"personalNumber": "199001012385", "callInitiator": "RP"}
    assert set(rig.call("phone/auth", body).json or {}) == {"orderRef"}


@pytest.mark.parametrize("path", ["auth", "sign", "collect", "cancel", "payment", "phone/auth", "phone/sign"])
def test_only_post_is_allowed(rig: Rig, path: str) -> None:
    response = rig.client.get(f"/rp/v6.0/{path}")
    assert (response.status_code, (response.json or {})["errorCode"]) == (405, "methodNotAllowed")


@pytest.mark.parametrize("path", ["/rp/v6.0/nothing", "/rp/v5.1/auth", "/"])
def test_an_unknown_path_is_not_found(rig: Rig, path: str) -> None:
    response = rig.client.post(path, json={})
    assert (response.status_code, (response.json or {})["errorCode"]) == (404, "notFound")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "text/json", "application/x-www-form-urlencoded", ""]
)
def test_the_content_type_must_be_exact(rig: Rig, kind: str) -> None:
    response = rig.client.post(
        "/rp/v6.0/auth", data="{}", content_type=kind, environ_overrides={CLIENT_CERTIFICATE: rig.certificate_der}
    )
    assert (response.status_code, (response.json or {})["errorCode"]) == (415, "unsupportedMediaType")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_json_is_an_invalid_parameter(rig: Rig, body: bytes) -> None:
    response = rig.client.post(
        "/rp/v6.0/auth",
        data=body,
        content_type="application/json",
        environ_overrides={CLIENT_CERTIFICATE: rig.certificate_der},
    )
    assert (response.status_code, (response.json or {})["errorCode"]) == (400, "invalidParameters")


def test_a_body_sent_too_slowly_times_out(rig: Rig) -> None:
    overrides: dict[str, Any] = {CLIENT_CERTIFICATE: rig.certificate_der, LATE: True}
    response = rig.client.post("/rp/v6.0/auth", json={}, environ_overrides=overrides)
    assert (response.status_code, (response.json or {})["errorCode"]) == (408, "requestTimeout")


def test_a_caller_without_certificate_is_unauthorized(rig: Rig) -> None:
    response = rig.client.post("/rp/v6.0/auth", json={"endUserIp": "192.0.2.1"})
    assert (response.status_code, (response.json or {})["errorCode"]) == (401, "unauthorized")


@pytest.mark.parametrize("operation", ["collect", "cancel"])
def test_another_certificate_cannot_touch_an_order(rig: Rig, operation: str) -> None:
    order = rig.auth()
    mine, rig.certificate_der = rig.certificate_der, rig.certificate("other-rp")
    response = rig.call(operation, {"orderRef": order["orderRef"]})
    assert (response.status_code, (response.json or {})["errorCode"]) == (400, "invalidParameters")
    rig.certificate_der = mine
    assert rig.collect(order)["status"] == "pending"


def test_success_and_error_are_plain_json(rig: Rig) -> None:
    for response in (rig.call("auth", {"endUserIp": "192.0.2.1"}), rig.call("auth", {})):
        assert response.headers["Content-Type"] == "application/json"
    assert set(rig.call("auth", {}).json or {}) == {"errorCode", "details"}
