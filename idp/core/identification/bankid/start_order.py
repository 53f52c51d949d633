"""Start a BankID order for an identification: what is asked of BankID, within the limits of what may be started."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from idp.core.audit import Audit
from idp.core.budgets import Budgets, Exhausted
from idp.core.events import BankIdWanted
from idp.core.identification.bankid.launch import choose_way_back, read_browser
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice
from idp.core.identification.bankid.ports import Orders, WantedOrder
from idp.core.identification.caller_address import CallerAddress, KnownAddress
from idp.core.identification.method import Identification
from idp.core.ids import new_id
from idp.core.people.identity import SWEDISH_PERSONAL_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The browser that presses the button."""

    address: CallerAddress
    user_agent: str
    device_identifier: str
    browser_hash: str
    """Of the cookie that binds the interaction; starts are counted by it."""
    touch_points: int = 0
    """navigator.maxTouchPoints, where a script told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdWish:
    """What BankID's page says when an order is to be started."""

    launch: Launch
    visitor: Visitor
    intention: str
    """The text that the person sees in the BankID app."""
    back_url: str
    """Our page that the app returns to in the same browser."""
    app_return_uri: str | None = None
    """Of a client that is an app itself, and is returned to instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPolicy:
    """What the settings say about orders."""

    issuer: str
    launch_url: str
    kinds: frozenset[BankIdKind]
    pin_code: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOrder:
    """Wants an order, which the collector starts at once; an earlier one is given up."""

    orders: Orders
    budgets: Budgets
    audit: Audit
    limits: OrderLimits
    policy: OrderPolicy

    def __call__(self, identification: Identification, wish: BankIdWish, now: datetime) -> WantedOrder | Exhausted:
        scopes = self.limits.scopes(browser=wish.visitor.browser_hash, address=wish.visitor.address)
        charged = self.budgets.charge(scopes, now) if scopes else None
        if isinstance(charged, Exhausted):
            return charged
        order = order_for(identification, wish, self.policy, now)
        self.orders.want(order, now)
        wanted = BankIdWanted(
            identification_id=order.identification_id,
            order_id=order.id,
            launch=order.launch,
            reason=identification.reason,
        )
        self.audit.record(wanted, now)
        return order


def order_for(identification: Identification, wish: BankIdWish, policy: OrderPolicy, now: datetime) -> WantedOrder:
    """Compose the order. A same-device order gets a way back with a nonce where the browser can be returned to."""
    visitor, nonce = wish.visitor, secrets.token_urlsafe(24)
    way_back = None
    if wish.launch is Launch.SAME_DEVICE:
        way_back = choose_way_back(
            read_browser(visitor.user_agent, touch_points=visitor.touch_points),
            back_url=wish.back_url,
            nonce=nonce,
            bankid_return_uri=wish.app_return_uri,
            launch_url=policy.launch_url,
        )
    request = OrderRequest(
        end_user_ip=str(visitor.address.nearest),
        browser_addresses=(str(visitor.address.ip),) if isinstance(visitor.address, KnownAddress) else (),
        user_visible_data=wish.intention,
        user_non_visible_data=identification.binding,
        return_url=way_back.url if way_back else None,
        requirement=Requirement(
            kinds=policy.kinds,
            pin_code=policy.pin_code,
            personal_number=_expected_number(identification),
        ),
        return_risk=True,
        web=_web_device(visitor, policy.issuer),
    )
    return WantedOrder(
        id=new_id(now),
        identification_id=identification.id,
        launch=wish.launch,
        request=request,
        return_nonce_hash=nonce_hash(nonce) if way_back and way_back.carries_nonce else None,
        wanted_at=now,
    )


def successor(order: Order, now: datetime) -> WantedOrder:
    """The order that silently follows an unopened one; it keeps the beginning of the chain, which is capped."""
    return WantedOrder(
        id=new_id(now),
        identification_id=order.identification_id,
        launch=order.launch,
        request=order.request,
        return_nonce_hash=order.return_nonce_hash,
        wanted_at=order.wanted_at,
        restarts=order.restarts + 1,
    )


def nonce_hash(nonce: str) -> str:
    """What is kept of a nonce: SHA-256, hex."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def _expected_number(identification: Identification) -> str | None:
    expected = identification.expected
    return expected.key if expected is not None and expected.scheme == SWEDISH_PERSONAL_NUMBER else None


def _web_device(visitor: Visitor, issuer: str) -> WebDevice | None:
    if not visitor.user_agent.strip():
        return None
    return WebDevice(
        referring_domain=urlsplit(issuer).hostname or "localhost",
        user_agent=visitor.user_agent,
        device_identifier=hashlib.sha256(visitor.device_identifier.encode()).hexdigest()[:64],
    )
