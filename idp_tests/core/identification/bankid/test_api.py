"""What is kept of BankID's answers."""

import json
from datetime import date

import pytest

from idp.core.identification.bankid.api import (
    BankIdError,
    BankIdMisused,
    BankIdUnavailable,
    Completion,
    Risk,
    StartedOrder,
    User,
)
from idp.core.identification.bankid.order_request import Requirement
from idp_tests.cases import each

USER = User(personal_number="191212121212", name="Tolvan Tolvansson", given_name="Tolvan", surname="Tolvansson")


def a_completion(*, issue_date: date | None = date(2024, 5, 1), risk: Risk | None = Risk.LOW) -> Completion:
    return Completion(
        user=USER,
        device_ip="198.51.100.7",
        device_uhi="UHI-canary",
        issue_date=issue_date,
        signature="U0lHTg==",
        ocsp="T0NTUA==",
        risk=risk,
    )


def test_nothing_that_opens_an_order_is_ever_shown() -> None:
    started = StartedOrder(order_ref="ref-c", auto_start_token="auto-c", qr_start_token="qr-c", qr_start_secret="sec-c")
    assert repr(started) == "StartedOrder()"


def test_nothing_personal_is_ever_shown() -> None:
    shown = repr(a_completion()) + repr(USER) + repr(Requirement(personal_number="191212121212"))
    for canary in ("191212121212", "Tolvan", "198.51.100.7", "UHI-canary", "U0lHTg"):
        assert canary not in shown


@each(
    "completion",
    [
        a_completion(),
        a_completion(issue_date=None, risk=None),
        a_completion(risk=Risk.HIGH),
    ],
)
def test_a_stored_completion_is_read_back_whole(completion: Completion) -> None:
    assert Completion.from_dict(json.loads(json.dumps(completion.as_dict()))) == completion


@each(
    "member, value",
    [
        ("personal_number", None),
        ("name", 1),
        ("issue_date", "yesterday"),
        ("issue_date", 20240501),
        ("risk", "enormous"),
        ("signature", None),
    ],
)
def test_a_damaged_stored_completion_is_refused(member: str, value: object) -> None:
    stored = a_completion().as_dict() | {member: value}
    with pytest.raises(ValueError):
        Completion.from_dict(stored)


def test_an_error_knows_what_the_person_is_told() -> None:
    assert BankIdMisused("invalidParameters").message_key == "bankid.our_fault"
    assert BankIdUnavailable("maintenance", message_key="bankid.maintenance").message_key == "bankid.maintenance"


def test_an_error_shows_its_code_and_keeps_the_details_for_the_log() -> None:
    error = BankIdError("internalError", "upstream said canary", retryable=True, retry_after=7)
    assert str(error) == "internalError"
    assert (error.details, error.retryable, error.retry_after) == ("upstream said canary", True, 7)
