"""What may be sent to BankID, and what is kept of its answers."""

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
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice

USER = User(personal_number="191212121212", name="Tolvan Tolvansson", given_name="Tolvan", surname="Tolvansson")


def a_request(
    *,
    end_user_ip: str = "198.51.100.7",
    user_visible_data: str = "Logga in",
    user_non_visible_data: bytes | None = None,
    return_url: str | None = None,
) -> OrderRequest:
    return OrderRequest(
        end_user_ip=end_user_ip,
        user_visible_data=user_visible_data,
        user_non_visible_data=user_non_visible_data,
        return_url=return_url,
    )


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


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::7", "::ffff:198.51.100.7"])
def test_an_order_is_started_for_an_address(address: str) -> None:
    assert a_request(end_user_ip=address).end_user_ip == address


@pytest.mark.parametrize(
    "address", ["", "unknown", "198.51.100.7:443", "[2001:db8::7]", "fe80::1%eth0", "198.51.100.7, 10.0.0.1"]
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"^end_user_ip: "):
        a_request(end_user_ip=address)


def test_visible_text_may_fill_the_limit_exactly() -> None:
    assert len(a_request(user_visible_data="a" * 1125).user_visible_data) == 1125


@pytest.mark.parametrize("text", ["", "a" * 1126, "å" * 563])
def test_visible_text_beyond_the_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^user_visible_data: "):
        a_request(user_visible_data=text)


def test_hidden_data_may_fill_the_limit_exactly() -> None:
    assert a_request(user_non_visible_data=bytes(1125)).user_non_visible_data == bytes(1125)


@pytest.mark.parametrize("data", [b"", bytes(1126)])
def test_hidden_data_beyond_the_limit_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^user_non_visible_data: "):
        a_request(user_non_visible_data=data)


def test_a_return_url_may_fill_the_limit_exactly() -> None:
    assert len(a_request(return_url="https://" + "a" * 504).return_url or "") == 512


@pytest.mark.parametrize("url", ["", "https://" + "a" * 505])
def test_a_return_url_beyond_the_limit_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^return_url: "):
        a_request(return_url=url)


def test_a_required_person_is_written_with_twelve_digits() -> None:
    assert Requirement(personal_number="191212121212", kinds=frozenset({BankIdKind.MOBILE})).personal_number


@pytest.mark.parametrize("number", ["", "1212121212", "19121212-1212", "1912121212123", "19121212121a", "١٩١٢١٢١٢١٢١٢"])
def test_another_spelling_of_a_required_person_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"^personal_number: "):
        Requirement(personal_number=number)


def test_a_long_user_agent_is_cut_and_not_refused() -> None:
    device = WebDevice(referring_domain="login.example.se", user_agent=" " + "x" * 400, device_identifier="d")
    assert device.user_agent == "x" * 256


@pytest.mark.parametrize("domain", ["", "se", "Login.example.se", "login.example.se/", "räka.se", "a" * 254])
def test_a_domain_of_another_alphabet_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match=r"^referring_domain: "):
        WebDevice(referring_domain=domain, user_agent="", device_identifier="d")


@pytest.mark.parametrize("identifier", ["", "d" * 65])
def test_a_device_identifier_beyond_the_limit_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match=r"^device_identifier: "):
        WebDevice(referring_domain="login.example.se", user_agent="", device_identifier=identifier)


def test_nothing_that_opens_an_order_is_ever_shown() -> None:
    started = StartedOrder(order_ref="ref-c", auto_start_token="auto-c", qr_start_token="qr-c", qr_start_secret="sec-c")
    assert repr(started) == "StartedOrder()"


def test_nothing_personal_is_ever_shown() -> None:
    shown = repr(a_completion()) + repr(USER) + repr(Requirement(personal_number="191212121212"))
    for canary in ("191212121212", "Tolvan", "198.51.100.7", "UHI-canary", "U0lHTg"):
        assert canary not in shown


@pytest.mark.parametrize(
    "completion",
    [
        a_completion(),
        a_completion(issue_date=None, risk=None),
        a_completion(risk=Risk.HIGH),
    ],
)
def test_a_stored_completion_is_read_back_whole(completion: Completion) -> None:
    assert Completion.from_dict(json.loads(json.dumps(completion.as_dict()))) == completion


@pytest.mark.parametrize(
    ("member", "value"),
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
