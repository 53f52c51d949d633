from ipaddress import ip_address

from idp.core.identification.caller_address import KnownAddress, UnknownAddress


def test_the_nearest_address_of_a_known_caller_is_its_own() -> None:
    assert KnownAddress(ip_address("192.0.2.1")).nearest == ip_address("192.0.2.1")
    assert UnknownAddress(ip_address("10.0.0.1"), "unknown").nearest == ip_address("10.0.0.1")
