from ipaddress import ip_network

from idp.web.client_address import client_address
from idp_tests.cases import each

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))


def test_without_trusted_proxies_the_peer_counts_and_nothing_it_says() -> None:
    assert client_address("192.0.2.7", ["198.51.100.9"], ()) == "192.0.2.7"


def test_the_last_hop_that_is_not_ours_is_the_client() -> None:
    assert client_address("10.0.0.1", ["203.0.113.5, 198.51.100.9, 10.0.0.2"], PROXIES) == "198.51.100.9"


def test_several_headers_are_one_list() -> None:
    assert client_address("10.0.0.1", ["203.0.113.5", "198.51.100.9", "10.0.0.2"], PROXIES) == "198.51.100.9"


def test_what_a_client_writes_before_the_proxys_own_word_is_not_believed() -> None:
    assert client_address("10.0.0.1", ["127.0.0.1, 10.0.0.9, 198.51.100.9"], PROXIES) == "198.51.100.9"


@each("nonsense", ["unknown", "", "198.51.100.9:4711", "_hidden"])
def test_a_hop_that_is_no_address_ends_the_search(nonsense: str) -> None:
    assert client_address("10.0.0.1", [f"198.51.100.9, {nonsense}"], PROXIES) == "10.0.0.1"


def test_ipv6_proxies_and_clients_are_known_too() -> None:
    assert client_address("2001:db8:1::7", ["2001:db8:ffff::9"], PROXIES) == "2001:db8:ffff::9"


def test_an_ipv4_address_in_ipv6_clothes_is_an_ipv4_address() -> None:
    assert client_address("::ffff:10.0.0.1", ["198.51.100.9"], PROXIES) == "198.51.100.9"


@each("peer", ["fe80::1%eth0", "fe80::1"])
def test_an_address_has_no_zone_for_bankid_accepts_none(peer: str) -> None:
    assert client_address(peer, [], ()) == "fe80::1"


def test_a_unix_socket_is_this_machine() -> None:
    assert client_address("", [], PROXIES) == "127.0.0.1"
