"""Start a BankID order for one interaction: what is asked of BankID, within the limits of what may be started."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from idp.core.audit import Audit
from idp.core.budgets import Budgets, Exhausted
from idp.core.events import BankIdCancelled, BankIdWanted
from idp.core.identification.bankid.launch import choose_way_back, read_browser
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.order_limits import OrderLimits
from idp.core.identification.bankid.order_request import BankIdKind, OrderRequest, Requirement, WebDevice
from idp.core.identification.caller_address import CallerAddress, KnownAddress
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.oidc.tokens.grant import new_id
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Orders, WantedOrder
from idp.core.signin.step import Reason
from idp.core.signin.steps.bankid_login import BankIdLogin
from idp.core.signin.steps.sign_in_again import SignInAgain

IDENTIFYING_STEPS = (BankIdLogin.name, SignInAgain.name)
"""The steps that a BankID order takes a person through."""


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

    def __call__(
        self, journey: Journey, reason: Reason, launch: Launch, visitor: Visitor, intention: str, now: datetime
    ) -> WantedOrder | Exhausted:
        """`reason` is why BankID is needed; `intention` is the text that the person sees in the BankID app."""
        scopes = self.limits.scopes(browser=visitor.browser_hash, address=visitor.address)
        charged = self.budgets.charge(scopes, now) if scopes else None
        if isinstance(charged, Exhausted):
            return charged
        order = order_for(journey, launch, visitor, intention, self.policy, now)
        self.orders.want(order, now)
        wanted = BankIdWanted(
            interaction_id=order.interaction_id, order_id=order.id, launch=order.launch, reason=reason
        )
        self.audit.record(wanted, now)
        return order


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """Gives the present order up; the collector tells BankID."""

    orders: Orders
    audit: Audit

    def __call__(self, interaction: Interaction, now: datetime) -> None:
        current = self.orders.current(interaction.id)
        if current is None or current.state is OrderState.USED:
            return  # a press more would be a row more, kept for a year
        self.orders.drop(interaction.id, now)
        self.audit.record(BankIdCancelled(interaction_id=interaction.id), now)


def intention_for(client: Client, request: AuthorizationRequest, language: str, house_text: str) -> str:
    """The text in the BankID app: the service's name and a warning, never the client's words unless it may."""
    template = client.intention.get(language)
    text = template.replace("{app}", client.name_in(language)) if template else house_text
    message = request.user_message_in(language)
    return f"{text}\n\n{message}" if message and client.user_message_allowed else text


def order_for(
    journey: Journey, launch: Launch, visitor: Visitor, intention: str, policy: OrderPolicy, now: datetime
) -> WantedOrder:
    """Compose the order. A same-device order gets a way back with a nonce where the browser can be returned to."""
    interaction, nonce = journey.ongoing, secrets.token_urlsafe(24)
    way_back = None
    if launch is Launch.SAME_DEVICE:
        way_back = choose_way_back(
            read_browser(visitor.user_agent, touch_points=visitor.touch_points),
            back_url=f"{policy.issuer}/signin/{interaction.id}/bankid/back",
            nonce=nonce,
            bankid_return_uri=journey.client.bankid_return_uri,
            launch_url=policy.launch_url,
        )
    request = OrderRequest(
        end_user_ip=str(visitor.address.nearest),
        browser_addresses=(str(visitor.address.ip),) if isinstance(visitor.address, KnownAddress) else (),
        user_visible_data=intention,
        user_non_visible_data=binding(interaction),
        return_url=way_back.url if way_back else None,
        requirement=Requirement(
            kinds=policy.kinds,
            pin_code=policy.pin_code,
            personal_number=journey.request.hinted_personal_number,
        ),
        return_risk=True,
        web=_web_device(visitor, policy.issuer),
    )
    return WantedOrder(
        id=new_id(now),
        interaction_id=interaction.id,
        launch=launch,
        request=request,
        return_nonce_hash=nonce_hash(nonce) if way_back and way_back.carries_nonce else None,
        wanted_at=now,
    )


def successor(order: Order, now: datetime) -> WantedOrder:
    """The order that silently follows an unopened one; it keeps the beginning of the chain, which is capped."""
    return WantedOrder(
        id=new_id(now),
        interaction_id=order.interaction_id,
        launch=order.launch,
        request=order.request,
        return_nonce_hash=order.return_nonce_hash,
        wanted_at=order.wanted_at,
        restarts=order.restarts + 1,
    )


def nonce_hash(nonce: str) -> str:
    """What is kept of a nonce: SHA-256, hex."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def binding(interaction: Interaction) -> bytes:
    """What is signed unseen, so that the stored signature proves which login was approved.

    SHA-256, as 64 ASCII hex digits, over the interaction and the request: its client, redirect URI, nonce and state.
    """
    request = interaction.request
    state_hash = hashlib.sha256((request.state or "").encode()).hexdigest()
    bound = "\n".join((interaction.id, interaction.client_id, request.redirect_uri, request.nonce or "", state_hash))
    return hashlib.sha256(bound.encode()).hexdigest().encode("ascii")


def _web_device(visitor: Visitor, issuer: str) -> WebDevice | None:
    if not visitor.user_agent.strip():
        return None
    return WebDevice(
        referring_domain=urlsplit(issuer).hostname or "localhost",
        user_agent=visitor.user_agent,
        device_identifier=hashlib.sha256(visitor.device_identifier.encode()).hexdigest()[:64],
    )
