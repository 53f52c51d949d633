from ipaddress import ip_address

from idp.core.identification.caller_address import KnownAddress, UnknownAddress
from idp_tests.cases import each


def test_the_nearest_address_of_a_known_caller_is_its_own() -> None:
    assert KnownAddress(ip_address("192.0.2.1")).nearest == ip_address("192.0.2.1")
    assert UnknownAddress(ip_address("10.0.0.1"), "unknown").nearest == ip_address("10.0.0.1")


@each(
    "ip, own, around",
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3::1", "2001:db8:1:2::/64", "2001:db8:1::/48"),
    ],
)
def test_an_address_lies_in_networks_of_its_own_and_around(ip: str, own: str, around: str) -> None:
    networks = KnownAddress(ip_address(ip)).networks
    assert [str(network) for network in networks] == [own, around]
