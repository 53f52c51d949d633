"""What may be asked of BankID: within its limits, and read back whole."""

import json

import pytest

from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice
from idp_tests.cases import each


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


@each("address", ["198.51.100.7", "2001:db8::7", "::ffff:198.51.100.7"])
def test_an_order_is_started_for_an_address(address: str) -> None:
    assert a_request(end_user_ip=address).end_user_ip == address


@each("address", ["", "unknown", "198.51.100.7:443", "[2001:db8::7]", "fe80::1%eth0", "198.51.100.7, 10.0.0.1"])
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"^end_user_ip: "):
        a_request(end_user_ip=address)


def test_visible_text_may_fill_the_limit_exactly() -> None:
    assert len(a_request(user_visible_data="a" * 1125).user_visible_data) == 1125


@each("text", ["", "a" * 1126, "å" * 563])
def test_visible_text_beyond_the_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^user_visible_data: "):
        a_request(user_visible_data=text)


def test_hidden_data_may_fill_the_limit_exactly() -> None:
    assert a_request(user_non_visible_data=bytes(1125)).user_non_visible_data == bytes(1125)


@each("data", [b"", bytes(1126)])
def test_hidden_data_beyond_the_limit_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^user_non_visible_data: "):
        a_request(user_non_visible_data=data)


def test_a_return_url_may_fill_the_limit_exactly() -> None:
    assert len(a_request(return_url="https://" + "a" * 504).return_url or "") == 512


@each("url", ["", "https://" + "a" * 505])
def test_a_return_url_beyond_the_limit_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^return_url: "):
        a_request(return_url=url)


def test_a_required_person_is_written_with_twelve_digits() -> None:
    assert Requirement(personal_number="191212121212", kinds=frozenset({BankIdKind.MOBILE})).personal_number


@each("number", ["", "1212121212", "19121212-1212", "1912121212123", "19121212121a", "١٩١٢١٢١٢١٢١٢"])
def test_another_spelling_of_a_required_person_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"^personal_number: "):
        Requirement(personal_number=number)


def test_a_long_user_agent_is_cut_and_not_refused() -> None:
    device = WebDevice(referring_domain="login.example.se", user_agent=" " + "x" * 400, device_identifier="d")
    assert device.user_agent == "x" * 256


@each("domain", ["", "se", "Login.example.se", "login.example.se/", "räka.se", "a" * 254])
def test_a_domain_of_another_alphabet_is_refused(domain: str) -> None:
    with pytest.raises(ValueError, match=r"^referring_domain: "):
        WebDevice(referring_domain=domain, user_agent="", device_identifier="d")


@each("identifier", ["", "d" * 65])
def test_a_device_identifier_beyond_the_limit_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match=r"^device_identifier: "):
        WebDevice(referring_domain="login.example.se", user_agent="", device_identifier=identifier)


FULL = OrderRequest(
    end_user_ip="198.51.100.7",
    user_visible_data="Logga in på Åkeriet",
    user_non_visible_data=b"bound",
    return_url="https://id.example/back",
    requirement=Requirement(kinds=frozenset({BankIdKind.CARD, BankIdKind.FILE}), personal_number="191212121212"),
    return_risk=False,
    web=WebDevice(referring_domain="id.example", user_agent="Firefox", device_identifier="d"),
)


@pytest.mark.parametrize("request_", [FULL, a_request()], ids=["everything", "the least"])
def test_a_stored_request_is_read_back_whole(request_: OrderRequest) -> None:
    assert OrderRequest.from_json(json.loads(json.dumps(request_.to_json()))) == request_
