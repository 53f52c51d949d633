"""What is written to BankID, and how strictly its answers are read."""

import base64
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from idp.adapters.bankid.answers import (
    Environment,
    find_pending,
    read_ended,
    read_object,
    read_started,
    write_order_request,
)
from idp.core.identification.bankid.api import Complete, Completion, Failed, Pending, Risk, User
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice

STARTED = {
    "orderRef": "131daac9-16c6-4618-beb0-365768f37288",
    "autoStartToken": "7c40b5c9-fa74-49cf-b98c-bfe651f9a7c6",
    "qrStartToken": "67df3917-fa0d-44e5-b327-edcc928297f8",
    "qrStartSecret": "d28db9a7-4cde-429e-a983-359be676944c",
}
REF = STARTED["orderRef"]


def completed(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "user": {"personalNumber": "191212121212", "name": "TOLVAN", "givenName": "Tolvan", "surname": "Tolvansson"},
        "device": {"ipAddress": "198.51.100.7", "uhi": "uhi"},
        "bankIdIssueDate": "2023-01-01+01:00",
        "signature": "U0lH",
        "ocspResponse": "T0NTUA==",
    }
    return {"orderRef": REF, "status": "complete", "completionData": data | changes}


def completion_of(**changes: Any) -> Completion:
    ended = read_ended(written(completed(**changes)), REF)
    assert isinstance(ended, Complete)
    return ended.completion


def written(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer).encode()


def test_a_plain_request_sends_nothing_empty() -> None:
    request = OrderRequest(end_user_ip="198.51.100.7", user_visible_data="Hej å", return_risk=False)
    assert write_order_request(request, Environment.PRODUCTION) == {
        "endUserIp": "198.51.100.7",
        "userVisibleData": base64.b64encode("Hej å".encode()).decode(),
    }


def test_a_full_request_sends_everything() -> None:
    request = OrderRequest(
        end_user_ip="2001:db8::7",
        user_visible_data="Hej",
        user_non_visible_data=b"bind",
        return_url="https://login.example.se/back?n=1",
        requirement=Requirement(
            kinds=frozenset({BankIdKind.MOBILE, BankIdKind.CARD}), pin_code=True, personal_number="191212121212"
        ),
        web=WebDevice(referring_domain="login.example.se", user_agent="agent", device_identifier="device"),
    )
    assert write_order_request(request, Environment.PRODUCTION) == {
        "endUserIp": "2001:db8::7",
        "userVisibleData": "SGVq",
        "userNonVisibleData": "YmluZA==",
        "returnUrl": "https://login.example.se/back?n=1",
        "returnRisk": True,
        "requirement": {
            "pinCode": True,
            "certificatePolicies": ["1.2.752.78.1.2", "1.2.752.78.1.5"],
            "personalNumber": "191212121212",
        },
        "web": {"referringDomain": "login.example.se", "userAgent": "agent", "deviceIdentifier": "device"},
    }


def test_an_empty_user_agent_is_left_out() -> None:
    web = WebDevice(referring_domain="login.example.se", user_agent="", device_identifier="device")
    request = OrderRequest(end_user_ip="198.51.100.7", user_visible_data="Hej", web=web)
    assert "userAgent" not in write_order_request(request, Environment.TEST)["web"]


def test_the_kinds_of_bankid_have_other_numbers_in_the_test_environment() -> None:
    kinds = frozenset(BankIdKind)
    assert Environment.TEST.policy_oids(kinds) == {"1.2.3.4.5", "1.2.3.4.10", "1.2.3.4.25"}
    assert Environment.PRODUCTION.policy_oids(kinds) == {"1.2.752.78.1.1", "1.2.752.78.1.2", "1.2.752.78.1.5"}


def test_a_start_is_read_and_unknown_members_are_ignored() -> None:
    started = read_started(STARTED | {"new": {"member": 1}})
    assert (started.order_ref, started.auto_start_token) == (STARTED["orderRef"], STARTED["autoStartToken"])
    assert (started.qr_start_token, started.qr_start_secret) == (STARTED["qrStartToken"], STARTED["qrStartSecret"])


@pytest.mark.parametrize("name", sorted(STARTED))
@pytest.mark.parametrize("value", [None, "", 7, "a b", "a.b", "å", "x" * 101, "a\n"])
def test_a_start_with_a_strange_reference_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        read_started(STARTED | {name: value})


@pytest.mark.parametrize("hint", ["outstandingTransaction", "userSign", "somethingNew"])
def test_hint_codes_are_kept_as_they_come(hint: str) -> None:
    assert find_pending(written({"orderRef": REF, "status": "pending", "hintCode": hint}), REF) == Pending(hint)
    assert read_ended(written({"orderRef": REF, "status": "failed", "hintCode": hint}), REF) == Failed(hint)


@pytest.mark.parametrize("hint", [None, 7, {}])
def test_a_missing_hint_code_is_an_unknown_one(hint: object) -> None:
    assert read_ended(written({"orderRef": REF, "status": "failed", "hintCode": hint}), REF) == Failed("")


def test_an_answer_about_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="another order"):
        read_ended(written(completed() | {"orderRef": "other"}), REF)


@pytest.mark.parametrize("status", [None, "", "done", "pending", "COMPLETE", 1, []])
def test_an_unknown_status_is_refused(status: object) -> None:
    with pytest.raises(ValueError, match="status"):
        read_ended(written({"orderRef": REF, "status": status}), REF)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        written(completed()),
        b'{"orderRef": "%s", "status": "failed"}' % REF.encode(),
        b'{"orderRef": "other", "status": "pending"}',
        b'{"orderRef": "%s", "status": "pending", "status": "complete"}' % REF.encode(),
    ],
)
def test_only_an_answer_that_says_so_is_pending_and_nothing_else_is_stumbled_over(body: bytes) -> None:
    assert find_pending(body, REF) is None


def test_a_completion_is_read() -> None:
    assert completion_of(new={"member": 1}) == Completion(
        user=User(personal_number="191212121212", name="TOLVAN", given_name="Tolvan", surname="Tolvansson"),
        device_ip="198.51.100.7",
        device_uhi="uhi",
        issue_date=date(2023, 1, 1),
        signature="U0lH",
        ocsp="T0NTUA==",
    )


@pytest.mark.parametrize(
    "number", ["191212121213", "1212121212", "19121212-1212", "191213121212", "", None, 191212121212]
)
def test_a_completion_with_an_impossible_personal_number_is_refused(number: object) -> None:
    user = completed()["completionData"]["user"] | {"personalNumber": number}
    with pytest.raises(ValueError):
        completion_of(user=user)


@pytest.mark.parametrize("number", ["197010632391", "191500882392"])
def test_a_coordination_number_is_a_personal_number(number: str) -> None:
    """The second is of Skatteverket's test data: nobody knows the month of birth."""
    user = completed()["completionData"]["user"] | {"personalNumber": number}
    assert completion_of(user=user).user.personal_number == number


@pytest.mark.parametrize("name", ["user", "signature"])
@pytest.mark.parametrize("value", [None, 7, "", []])
def test_a_completion_that_lacks_something_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        completion_of(**{name: value})


@pytest.mark.parametrize("value", [None, 7, "", []])
def test_what_a_person_or_a_device_may_lack_loses_no_login(value: object) -> None:
    """Some people have one name only; whether evidence without its parts is enough is judged later, and said."""
    nobody = {"personalNumber": "191212121212", "name": value, "givenName": value, "surname": value}
    bare = completion_of(user=nobody, device={"ipAddress": value, "uhi": value}, ocspResponse=value)
    assert bare.user == User(personal_number="191212121212", name="", given_name="", surname="")
    assert (bare.device_ip, bare.device_uhi, bare.ocsp) == ("", "", "")
    assert completion_of(device=value).device_ip == ""


@pytest.mark.parametrize(("given", "surname"), [("Tolvan", ""), ("", "Tolvan"), (None, "Tolvan")])
def test_whose_name_is_not_put_together_has_the_parts(given: object, surname: str) -> None:
    user = {"personalNumber": "191212121212", "name": "", "givenName": given, "surname": surname}
    assert completion_of(user=user).user.name == "Tolvan"


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2023-01-01+01:00", date(2023, 1, 1)),
        ("2023-01-01Z", date(2023, 1, 1)),
        ("2023-01-01", date(2023, 1, 1)),
        ("yesterday", None),
        (None, None),
        (20230101, None),
    ],
)
def test_the_issue_date_is_read_leniently(value: object, day: date | None) -> None:
    assert completion_of(bankIdIssueDate=value).issue_date == day


@pytest.mark.parametrize(
    ("value", "risk"),
    [
        ("low", Risk.LOW),
        ("LOW", Risk.LOW),
        ("Moderate", Risk.MODERATE),
        ("high", Risk.HIGH),
        ("severe", Risk.MODERATE),
        (None, None),
        (1, None),
    ],
)
def test_the_risk_is_read_whatever_its_case(value: object, risk: Risk | None) -> None:
    assert completion_of(risk=value).risk is risk


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b'{"a": 1',
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": "\xff"}',
        b"<html>",
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        read_object(body)


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read_object(b"[" * 200_000)
