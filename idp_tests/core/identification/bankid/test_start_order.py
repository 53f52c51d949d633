from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from idp.core.budgets import Budget, Charged, Exhausted
from idp.core.events import BankIdWanted
from idp.core.identification.bankid.order import Launch
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.identification.bankid.start_order import (
    BankIdStartRequest,
    OrderPolicy,
    StartOrder,
    Visitor,
    nonce_hash,
    order_for,
    successor,
)
from idp.core.identification.caller_address import KnownAddress, UnknownAddress
from idp.core.identification.method import Identification
from idp.core.people.identity import Identity
from idp_tests.builders import NOW, an_identity, an_order
from idp_tests.cases import each
from idp_tests.fakes import FakeAudit

POLICY = OrderPolicy(
    issuer="https://id.example",
    launch_url="https://app.bankid.com/",
    kinds=frozenset({BankIdKind.MOBILE}),
    pin_code=False,
    same_address_suffices=True,
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
HERE = KnownAddress(ip_address("192.0.2.1"))
VISITOR = Visitor(address=HERE, user_agent=IPHONE, device_identifier="device", browser_hash="browser")
LIMITS = OrderLimits(per_browser=3, per_address=0, per_network=0)
IDENTIFICATION = Identification(id="i1", reason="max_age", binding=b"bound")


def a_start_request(**changes: Any) -> BankIdStartRequest:
    members: dict[str, Any] = {
        "launch": Launch.QR,
        "visitor": VISITOR,
        "intention": "Logga in",
        "back_url": "https://id.example/signin/i1/bankid/back",
    }
    return BankIdStartRequest(**members | changes)


def wanted(identification: Identification = IDENTIFICATION, **request: Any) -> WantedOrder:
    return order_for(identification, a_start_request(**request), POLICY, NOW)


def test_a_qr_order_has_no_way_back() -> None:
    order = wanted(launch=Launch.QR)
    assert order.request.return_url is None
    assert order.return_nonce_hash is None


def test_a_same_device_order_comes_back_to_its_own_interaction_with_a_nonce() -> None:
    order = wanted(launch=Launch.SAME_DEVICE)
    url = order.request.return_url
    assert url is not None
    assert url.startswith("https://id.example/signin/i1/bankid/back?n=")
    assert order.return_nonce_hash == nonce_hash(url.rpartition("=")[2])


def test_the_person_who_is_expected_is_the_only_one_who_can_complete() -> None:
    assert wanted(replace(IDENTIFICATION, expected=an_identity())).request.requirement.personal_number == "191212121212"
    of_another_scheme = Identity(scheme="card", key="4711")
    assert wanted(replace(IDENTIFICATION, expected=of_another_scheme)).request.requirement.personal_number is None


def test_what_the_identification_is_for_is_signed_unseen() -> None:
    assert wanted().request.user_non_visible_data == b"bound"


@each("agent", ["", "  "])
def test_a_browser_without_a_name_is_not_described(agent: str) -> None:
    visitor = Visitor(address=HERE, user_agent=agent, device_identifier="device", browser_hash="browser")
    assert wanted(visitor=visitor).request.web is None


@each("suffices, launch", [(True, Launch.SAME_DEVICE), (False, Launch.QR)])
def test_an_order_that_could_not_be_believed_becomes_a_code_to_scan(suffices: bool, launch: Launch) -> None:
    policy, here = replace(POLICY, same_address_suffices=suffices), a_start_request(launch=Launch.SAME_DEVICE)
    order = order_for(IDENTIFICATION, replace(here, visitor=replace(VISITOR, user_agent=WINDOWS)), policy, NOW)
    assert (order.launch, order.request.return_url) == (launch, None)
    assert order_for(IDENTIFICATION, here, policy, NOW).launch is Launch.SAME_DEVICE


def test_addresses_that_the_browser_proved_are_compared_too() -> None:
    visitor = replace(VISITOR, other_addresses=(ip_address("2001:db8::1"), ip_address("192.0.2.1")))
    assert wanted(visitor=visitor).request.browser_addresses == ("192.0.2.1", "2001:db8::1")


def test_bankid_is_told_the_nearest_address_and_nothing_is_compared_with_it_where_the_caller_is_unknown() -> None:
    assert (wanted().request.end_user_ip, wanted().request.browser_addresses) == ("192.0.2.1", ("192.0.2.1",))
    nobody = replace(VISITOR, address=UnknownAddress(ip_address("10.0.0.1"), "unknown"))
    request = wanted(visitor=nobody).request
    assert (request.end_user_ip, request.browser_addresses) == ("10.0.0.1", ())


def test_the_device_identifier_is_not_the_cookie() -> None:
    web = wanted().request.web
    assert web is not None
    assert web.device_identifier != "device"
    assert len(web.device_identifier) == 64


def test_a_successor_keeps_the_chains_beginning() -> None:
    order = an_order(request=wanted().request, restarts=2)
    following = successor(order, NOW + timedelta(seconds=30))
    assert (following.wanted_at, following.restarts, following.request) == (order.wanted_at, 3, order.request)
    assert following.id != order.id


@dataclass
class Orders:
    """What the use case needs of the port `Orders`."""

    wanted: list[WantedOrder] = field(default_factory=list)

    def want(self, order: WantedOrder, now: datetime) -> None:
        self.wanted.append(order)


@dataclass
class Budgets:
    """What the use case needs of the port `Budgets`."""

    exhausted: Exhausted | None = None
    counted: list[str] = field(default_factory=list)

    def charge(self, scopes: Mapping[str, Budget], now: datetime) -> Charged | Exhausted:
        self.counted += scopes
        return self.exhausted or Charged({})


def test_a_start_is_counted_and_then_wanted() -> None:
    orders, budgets, audit = Orders(), Budgets(), FakeAudit()
    start = StartOrder(orders=orders, budgets=budgets, audit=audit, limits=LIMITS, policy=POLICY)  # type: ignore[arg-type]
    order = start(IDENTIFICATION, a_start_request(), NOW)
    assert orders.wanted == [order]
    assert budgets.counted == ["order.browser browser"]
    expected = BankIdWanted(identification_id="i1", order_id=orders.wanted[0].id, launch="qr", reason="max_age")
    assert audit.events == [expected]


def test_too_many_starts_want_nothing() -> None:
    exhausted = Exhausted({"order.browser browser": NOW + timedelta(minutes=3)})
    orders, audit = Orders(), FakeAudit()
    start = StartOrder(orders=orders, budgets=Budgets(exhausted), audit=audit, limits=LIMITS, policy=POLICY)  # type: ignore[arg-type]
    assert start(IDENTIFICATION, a_start_request(), NOW) == exhausted
    assert orders.wanted == []
    assert audit.names == []
