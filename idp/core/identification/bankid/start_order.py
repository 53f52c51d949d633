"""Start a BankID order for an identification: what is asked of BankID, within the limits of what may be started."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from idp.core.audit_log import Audit
from idp.core.budgets import Budgets, Exhausted
from idp.core.events import BankIdWanted
from idp.core.identification.bankid.launch import Browser, comes_back, find_return_url, read_browser
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice
from idp.core.identification.bankid.ports import Orders, WantedOrder
from idp.core.identification.caller_address import CallerAddress, Ip, KnownAddress
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
    other_addresses: tuple[Ip, ...] = ()
    """Further addresses that this very browser proved to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdStartRequest:
    """What BankID's page says when an order is to be started."""

    launch: Launch
    visitor: Visitor
    intention: str
    """The text that the person sees in the BankID app."""
    back_url: str
    """Our page that the app returns to in the same browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPolicy:
    """What the settings say about orders."""

    issuer: str
    launch_url: str
    kinds: frozenset[BankIdKind]
    pin_code: bool
    same_address_suffices: bool
    """Whether an order on this device is ever believed where BankID does not come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOrder:
    """Wants an order, which the collector starts at once; an earlier one is given up."""

    orders: Orders
    budgets: Budgets
    audit: Audit
    limits: OrderLimits
    policy: OrderPolicy

    def __call__(
        self, identification: Identification, request: BankIdStartRequest, now: datetime
    ) -> WantedOrder | Exhausted:
        scopes = self.limits.scopes(browser=request.visitor.browser_hash, address=request.visitor.address)
        charged = self.budgets.charge(scopes, now) if scopes else None
        if isinstance(charged, Exhausted):
            return charged
        order = order_for(identification, request, self.policy, now)
        self.orders.want(order, now)
        wanted = BankIdWanted(
            identification_id=order.identification_id,
            order_id=order.id,
            launch=order.launch,
            reason=identification.reason,
        )
        self.audit.record(wanted, now)
        return order


def order_for(
    identification: Identification, request: BankIdStartRequest, policy: OrderPolicy, now: datetime
) -> WantedOrder:
    """Compose the order. A same-device order comes back with a nonce, wherever BankID comes back.

    An order on this device that could not be believed afterwards becomes a code to scan.
    """
    visitor, nonce = request.visitor, secrets.token_urlsafe(24)
    browser = read_browser(visitor.user_agent, touch_points=visitor.touch_points)
    launch = request.launch if is_offered(request.launch, browser, policy) else Launch.QR
    return_url = None
    if launch is Launch.SAME_DEVICE:
        return_url = find_return_url(browser, back_url=request.back_url, nonce=nonce, launch_url=policy.launch_url)
    order_request = OrderRequest(
        end_user_ip=str(visitor.address.nearest),
        browser_addresses=_addresses(visitor),
        user_visible_data=request.intention,
        user_non_visible_data=identification.binding,
        return_url=return_url,
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
        launch=launch,
        request=order_request,
        return_nonce_hash=nonce_hash(nonce) if return_url else None,
        wanted_at=now,
    )


def is_offered(launch: Launch, browser: Browser, policy: OrderPolicy) -> bool:
    """Whether an order that starts so can be believed when it is complete."""
    returns = comes_back(browser, launch_url=policy.launch_url)
    return launch is Launch.QR or returns or policy.same_address_suffices


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


def _addresses(visitor: Visitor) -> tuple[str, ...]:
    own = (visitor.address.ip,) if isinstance(visitor.address, KnownAddress) else ()
    return tuple(dict.fromkeys(map(str, (*own, *visitor.other_addresses))))


def _web_device(visitor: Visitor, issuer: str) -> WebDevice | None:
    if not visitor.user_agent.strip():
        return None
    return WebDevice(
        referring_domain=urlsplit(issuer).hostname or "localhost",
        user_agent=visitor.user_agent,
        device_identifier=hashlib.sha256(visitor.device_identifier.encode()).hexdigest()[:64],
    )
