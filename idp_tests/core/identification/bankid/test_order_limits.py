"""What one start of an order is counted in."""

from ipaddress import ip_address

from idp.core.identification.bankid.order_limits import WINDOW, OrderLimits
from idp.core.identification.caller_address import KnownAddress, UnknownAddress
from idp_tests.cases import each

LIMITS = OrderLimits(per_browser=3, per_address=5, per_network=8)
NOBODY = UnknownAddress(ip_address("10.0.0.1"), "unknown")


@each(
    "text, address, network",
    [
        ("192.0.2.1", "192.0.2.1/32", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1:2::/64", "2001:db8:1::/48"),
    ],
)
def test_a_start_is_counted_by_browser_address_and_network(text: str, address: str, network: str) -> None:
    scopes = LIMITS.scopes(browser="b", address=KnownAddress(ip_address(text)))
    assert {scope: budget.limit for scope, budget in scopes.items()} == {
        "order.browser b": 3,
        f"order.address {address}": 5,
        f"order.network {network}": 8,
    }
    assert {budget.window for budget in scopes.values()} == {WINDOW}


def test_people_whose_address_is_unknown_do_not_use_up_one_anothers_starts() -> None:
    assert list(LIMITS.scopes(browser="b", address=NOBODY)) == ["order.browser b"]


def test_zero_is_no_limit() -> None:
    limits = OrderLimits(per_browser=0, per_address=0, per_network=0)
    assert limits.scopes(browser="b", address=KnownAddress(ip_address("192.0.2.1"))) == {}
