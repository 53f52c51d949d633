"""What proxies write about the caller's address, and what is believed of it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from flask import Flask
from structlog.testing import capture_logs

from idp.core.identification.caller_address import CallerAddress, KnownAddress, UnknownAddress
from idp.web.client_address import Alarm, ReadCallerAddress, client_address, read_address
from idp_tests.cases import each

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))
NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
PROXY = ip_address("10.0.0.1")


def told(*values: str, header: str = "X-Forwarded-For", peer: str = "10.0.0.1") -> CallerAddress:
    return client_address(peer, header, values, PROXIES)


def known(text: str) -> KnownAddress:
    return KnownAddress(ip_address(text))


def test_without_trusted_proxies_the_peer_counts_and_nothing_it_says() -> None:
    assert client_address("192.0.2.7", "X-Forwarded-For", ["198.51.100.9"], ()) == known("192.0.2.7")


def test_the_last_hop_that_is_not_ours_is_the_client() -> None:
    assert told("203.0.113.5, 198.51.100.9, 10.0.0.2") == known("198.51.100.9")


def test_several_headers_are_one_list() -> None:
    assert told("203.0.113.5", "198.51.100.9", "10.0.0.2") == known("198.51.100.9")


def test_what_a_client_writes_before_the_proxys_own_word_is_not_believed() -> None:
    assert told("127.0.0.1, 10.0.0.9, 198.51.100.9") == known("198.51.100.9")


@each(
    "spelled",
    [
        "203.0.113.9",
        "203.0.113.9:51234",
        '"203.0.113.9"',
        '"203.0.113.9:51234"',
        "[203.0.113.9]",
        "::ffff:203.0.113.9",
        "[::ffff:203.0.113.9]:51234",
        " 203.0.113.9 , ",
        "203.0.113.9, , ,",
    ],
)
def test_an_ipv4_address_is_read_in_every_spelling(spelled: str) -> None:
    assert told(spelled) == known("203.0.113.9")


@each(
    "spelled",
    [
        "2001:db8::9",
        "[2001:db8::9]",
        "[2001:db8::9]:443",
        '"[2001:db8::9]:443"',
        "2001:db8::9%eth0",
        "[2001:db8::9%25eth0]:443",
        "2001:DB8:0:0::9",
        "[2001:db8::9]:_port",
    ],
)
def test_an_ipv6_address_is_read_in_every_spelling(spelled: str) -> None:
    assert told(spelled) == known("2001:db8::9")


@each(
    "spelled",
    [
        "for=203.0.113.9",
        "for=203.0.113.9:51234",
        'for="203.0.113.9:51234"',
        "For=203.0.113.9;proto=https;by=203.0.113.43",
        'proto=https; for="203.0.113.9"; host="id.example"',
        "by=10.0.0.2;for=203.0.113.9, for=10.0.0.2",
        'for="_evil, for=203.0.113.9',
        'for=198.51.100.1, for="unclosed, for=203.0.113.9;by="a,b"',
        'for="[::ffff:203.0.113.9]:51234"',
    ],
)
def test_the_standard_header_is_read_from_its_end(spelled: str) -> None:
    assert told(spelled, header="Forwarded") == known("203.0.113.9")


def test_the_standard_header_names_ipv6_in_quotes() -> None:
    assert told('for="[2001:db8:cafe::17]:4711"', header="Forwarded") == known("2001:db8:cafe::17")


@each("header", ["CF-Connecting-IP", "X-Real-IP", "X-Azure-ClientIP"])
def test_a_header_of_one_address_is_a_list_of_one(header: str) -> None:
    assert told("203.0.113.9", header=header) == known("203.0.113.9")


@each("nonsense", ["unknown", "_hidden", "203.0.113.9.1", "203.0.113.9:port", "[2001:db8::9", "localhost", "1"])
def test_what_is_no_address_makes_the_caller_unknown_and_never_the_proxy(nonsense: str) -> None:
    assert told(f"198.51.100.9, {nonsense}") == UnknownAddress(PROXY, nonsense)


@each(
    "element", ["for=unknown", "for=_hidden", "proto=https", "for=203.0.113.9;for=203.0.113.8", "203.0.113.9", "for="]
)
def test_an_element_that_names_nobody_makes_the_caller_unknown(element: str) -> None:
    assert isinstance(told(f"for=198.51.100.9, {element}", header="Forwarded"), UnknownAddress)


@each("values", [[], [""], [" , "], ["10.0.0.2"], ["10.0.0.3, 10.0.0.2"]])
def test_proxies_that_name_only_one_another_leave_the_caller_unknown(values: list[str]) -> None:
    assert told(*values) == UnknownAddress(PROXY, "")


def test_what_is_kept_of_nonsense_is_short() -> None:
    address = told("x" * 8000)
    assert isinstance(address, UnknownAddress)
    assert len(address.said) == 60


def test_ipv6_proxies_and_clients_are_known_too() -> None:
    assert told("2001:db8:ffff::9", peer="2001:db8:1::7") == known("2001:db8:ffff::9")


def test_an_ipv4_proxy_in_ipv6_clothes_is_the_proxy() -> None:
    assert told("198.51.100.9", peer="::ffff:10.0.0.1") == known("198.51.100.9")


@each("peer", ["fe80::1%eth0", "fe80::1"])
def test_an_address_has_no_zone_for_bankid_accepts_none(peer: str) -> None:
    assert told(peer=peer) == known("fe80::1")


def test_a_unix_socket_is_a_proxy_on_this_machine() -> None:
    assert told("203.0.113.9", peer="") == known("203.0.113.9")
    assert told(peer="") == UnknownAddress(ip_address("127.0.0.1"), "")


@each("text", ["", "::1%", "%", "[]", "[::1]:99999999", "256.1.1.1", "\x00", "١٢٧.0.0.1"])
def test_odd_texts_are_read_without_harm(text: str) -> None:
    read_address(text)


def test_the_log_tells_of_unknown_callers_once_a_minute_with_their_number() -> None:
    alarm, unknown = Alarm(), UnknownAddress(PROXY, "unknown")
    with capture_logs() as lines:
        for second in (0, 1, 30, 59, 60, 61):
            alarm.raise_for(unknown, "X-Forwarded-For", NOW + timedelta(seconds=second))
    assert [(line["count"], line["said"], line["proxy"]) for line in lines] == [
        (1, "unknown", "10.0.0.1"),
        (5, "unknown", "10.0.0.1"),
    ]
    assert {line["log_level"] for line in lines} == {"error"}


@pytest.mark.parametrize(("sent", "times"), [("unknown", 1), ("203.0.113.9", 0)])
def test_a_request_is_read_by_the_header_that_the_settings_name(sent: str, times: int) -> None:
    read = ReadCallerAddress(PROXIES, "X-Real-IP", lambda: NOW)
    headers = {"X-Real-IP": sent, "X-Forwarded-For": "198.51.100.1"}
    with (
        Flask("t").test_request_context(headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"}),
        capture_logs() as lines,
    ):
        address = read()
    assert (address == known("203.0.113.9")) is (times == 0)
    assert len(lines) == times
