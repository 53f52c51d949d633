from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address

import pytest

from idp.core.budgets import Budget, Charged, Exhausted
from idp.core.events import BankIdWanted
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.caller_address import KnownAddress, UnknownAddress
from idp.core.signin.ports import WantedOrder
from idp.core.signin.start_order import (
    CancelOrder,
    OrderPolicy,
    StartOrder,
    Visitor,
    binding,
    intention_for,
    nonce_hash,
    order_for,
    successor,
)
from idp.core.signin.step import Reason
from idp_tests.builders import NOW, a_client, a_journey, a_request, an_interaction, an_order
from idp_tests.fakes import FakeAudit

POLICY = OrderPolicy(
    issuer="https://id.example",
    launch_url="https://app.bankid.com/",
    kinds=frozenset({BankIdKind.MOBILE}),
    pin_code=False,
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
HERE = KnownAddress(ip_address("192.0.2.1"))
VISITOR = Visitor(address=HERE, user_agent=IPHONE, device_identifier="device", browser_hash="browser")
LIMITS = OrderLimits(per_browser=3, per_address=0, per_network=0)


def wanted(launch: Launch = Launch.QR, visitor: Visitor = VISITOR, **request: object) -> WantedOrder:
    journey = a_journey(request=a_request(**request), interaction=an_interaction())
    return order_for(journey, launch, visitor, "Logga in", POLICY, NOW)


def test_a_qr_order_has_no_way_back() -> None:
    order = wanted(Launch.QR)
    assert order.request.return_url is None
    assert order.return_nonce_hash is None


def test_a_same_device_order_comes_back_to_its_own_interaction_with_a_nonce() -> None:
    order = wanted(Launch.SAME_DEVICE)
    url = order.request.return_url
    assert url is not None
    assert url.startswith("https://id.example/signin/i1/bankid/back?n=")
    assert order.return_nonce_hash == nonce_hash(url.rpartition("=")[2])


def test_the_person_whom_the_client_named_is_the_only_one_who_can_complete() -> None:
    claims = {"id_token": {"https://id.oidc.se/claim/personalIdentityNumber": {"value": "191212121212"}}}
    assert wanted(claims=claims).request.requirement.personal_number == "191212121212"


@pytest.mark.parametrize("agent", ["", "  "])
def test_a_browser_without_a_name_is_not_described(agent: str) -> None:
    visitor = Visitor(address=HERE, user_agent=agent, device_identifier="device", browser_hash="browser")
    assert wanted(visitor=visitor).request.web is None


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


@pytest.mark.parametrize("member", ["redirect_uri", "nonce", "state"])
def test_what_is_signed_unseen_is_of_this_interaction_and_this_request(member: str) -> None:
    bound = binding(an_interaction())
    assert len(bound) == 64
    assert binding(an_interaction()) == bound
    assert binding(an_interaction(request=a_request(**{member: "https://other.example/"}))) != bound
    assert binding(an_interaction(id="i2")) != bound
    assert binding(an_interaction(client_id="another")) != bound


def test_the_app_shows_the_house_text_unless_the_clients_file_has_its_own() -> None:
    assert intention_for(a_client(), a_request(), "sv", "Logga in") == "Logga in"
    own = a_client(intention={"sv": "Till {app}"})
    assert intention_for(own, a_request(), "sv", "Logga in") == "Till MinaSidor"
    assert intention_for(own, a_request(), "en", "Log in") == "Log in"


def test_the_clients_message_is_shown_only_when_it_may_speak() -> None:
    request = a_request(user_message="Hej", user_messages={"en": "Hello"})
    assert intention_for(a_client(), request, "sv", "Logga in") == "Logga in"
    speaking = a_client(user_message_allowed=True)
    assert intention_for(speaking, request, "sv", "Logga in") == "Logga in\n\nHej"
    assert intention_for(speaking, request, "en", "Log in") == "Log in\n\nHello"


@dataclass
class Orders:
    """What the two use cases need of the port `Orders`."""

    present: Order | None = None
    wanted: list[WantedOrder] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def want(self, order: WantedOrder, now: datetime) -> None:
        self.wanted.append(order)

    def current(self, interaction_id: str) -> Order | None:
        return self.present

    def drop(self, interaction_id: str, now: datetime) -> None:
        self.dropped.append(interaction_id)


@dataclass
class Budgets:
    """What the use case needs of the port `Budgets`."""

    exhausted: Exhausted | None = None
    counted: list[str] = field(default_factory=list)

    def charge(self, scopes: Mapping[str, Budget], now: datetime) -> Charged | Exhausted:
        self.counted += scopes
        return self.exhausted or Charged(left=2)


def test_a_start_is_counted_and_then_wanted() -> None:
    orders, budgets, audit = Orders(), Budgets(), FakeAudit()
    start = StartOrder(orders=orders, budgets=budgets, audit=audit, limits=LIMITS, policy=POLICY)  # type: ignore[arg-type]
    order = start(a_journey(interaction=an_interaction()), Reason.MAX_AGE, Launch.QR, VISITOR, "Logga in", NOW)
    assert orders.wanted == [order]
    assert budgets.counted == ["order.browser browser"]
    expected = BankIdWanted(interaction_id="i1", order_id=orders.wanted[0].id, launch="qr", reason="max_age")
    assert audit.events == [expected]


def test_too_many_starts_want_nothing() -> None:
    exhausted = Exhausted(until=NOW + timedelta(minutes=3))
    orders, audit = Orders(), FakeAudit()
    start = StartOrder(orders=orders, budgets=Budgets(exhausted), audit=audit, limits=LIMITS, policy=POLICY)  # type: ignore[arg-type]
    assert (
        start(a_journey(interaction=an_interaction()), Reason.MAX_AGE, Launch.QR, VISITOR, "Logga in", NOW) == exhausted
    )
    assert orders.wanted == []
    assert audit.names == []


def test_a_present_order_is_given_up() -> None:
    orders, audit = Orders(an_order(state=OrderState.PENDING)), FakeAudit()
    CancelOrder(orders=orders, audit=audit)(an_interaction(), NOW)  # type: ignore[arg-type]
    assert orders.dropped == ["i1"]
    assert audit.names == ["bankid.cancelled"]


@pytest.mark.parametrize("present", [None, an_order(state=OrderState.USED)])
def test_where_there_is_nothing_to_give_up_nothing_is_written(present: Order | None) -> None:
    orders, audit = Orders(present), FakeAudit()
    CancelOrder(orders=orders, audit=audit)(an_interaction(), NOW)  # type: ignore[arg-type]
    assert orders.dropped == []
    assert audit.names == []
