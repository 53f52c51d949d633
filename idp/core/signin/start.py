"""Start: what is asked of BankID for one interaction, and how it is kept until the collector sends it."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from idp.core.identification.bankid.api import BankIdKind, OrderRequest, Requirement, WebDevice
from idp.core.identification.bankid.launch import choose_way_back, read_browser
from idp.core.identification.bankid.order import Launch, Order
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.oidc.tokens.grant import new_id
from idp.core.signin.interaction import Interaction
from idp.core.signin.ports import WantedOrder
from idp.core.signin.steps.bankid_login import binding


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The browser that presses the button."""

    address: str
    user_agent: str
    device_identifier: str
    touch_points: int = 0
    """navigator.maxTouchPoints, where a script told it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPolicy:
    """What the settings say about orders."""

    issuer: str
    launch_url: str
    kinds: frozenset[BankIdKind]
    pin_code: bool


def want_order(
    interaction: Interaction,
    client: Client,
    launch: Launch,
    visitor: Visitor,
    *,
    intention: str,
    policy: StartPolicy,
    now: datetime,
) -> WantedOrder:
    """Compose the order; nothing is sent here.

    A same-device order gets a way back with a nonce where the browser can be returned to. `intention` is the text
    that the person sees in the BankID app.
    """
    nonce = secrets.token_urlsafe(24)
    way_back = None
    if launch is Launch.SAME_DEVICE:
        way_back = choose_way_back(
            read_browser(visitor.user_agent, touch_points=visitor.touch_points),
            back_url=f"{policy.issuer}/signin/{interaction.id}/bankid/back",
            nonce=nonce,
            bankid_return_uri=client.bankid_return_uri,
            launch_url=policy.launch_url,
        )
    request = OrderRequest(
        end_user_ip=visitor.address,
        user_visible_data=intention,
        user_non_visible_data=binding(interaction),
        return_url=way_back.url if way_back else None,
        requirement=Requirement(
            kinds=policy.kinds,
            pin_code=policy.pin_code,
            personal_number=AuthorizationRequest.from_json(interaction.request).hinted_personal_number,
        ),
        return_risk=True,
        web=_web_device(visitor, policy.issuer),
    )
    return WantedOrder(
        id=new_id(now),
        interaction_id=interaction.id,
        launch=launch,
        request=write(request),
        end_user_ip=visitor.address,
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
        end_user_ip=order.end_user_ip,
        return_nonce_hash=order.return_nonce_hash,
        wanted_at=order.wanted_at,
        restarts=order.restarts + 1,
    )


def nonce_hash(nonce: str) -> str:
    """What is kept of a nonce: SHA-256, hex."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def _web_device(visitor: Visitor, issuer: str) -> WebDevice | None:
    if not visitor.user_agent.strip():
        return None
    return WebDevice(
        referring_domain=urlsplit(issuer).hostname or "localhost",
        user_agent=visitor.user_agent,
        device_identifier=hashlib.sha256(visitor.device_identifier.encode()).hexdigest()[:64],
    )


def write(request: OrderRequest) -> str:
    """The request as JSON text; it holds an address, so it is stored encrypted."""
    hidden = request.user_non_visible_data
    return json.dumps(
        {
            "end_user_ip": request.end_user_ip,
            "visible": request.user_visible_data,
            "hidden": base64.b64encode(hidden).decode() if hidden else None,
            "return_url": request.return_url,
            "kinds": sorted(request.requirement.kinds),
            "pin_code": request.requirement.pin_code,
            "personal_number": request.requirement.personal_number,
            "return_risk": request.return_risk,
            "web": [request.web.referring_domain, request.web.user_agent, request.web.device_identifier]
            if request.web
            else None,
        }
    )


def read(text: str) -> OrderRequest:
    """Read what `write` wrote."""
    stored = json.loads(text)
    request = OrderRequest(
        end_user_ip=stored["end_user_ip"],
        user_visible_data=stored["visible"],
        user_non_visible_data=base64.b64decode(stored["hidden"]) if stored["hidden"] else None,
        return_url=stored["return_url"],
        requirement=Requirement(
            kinds=frozenset(BankIdKind(kind) for kind in stored["kinds"]),
            pin_code=stored["pin_code"],
            personal_number=stored["personal_number"],
        ),
        return_risk=stored["return_risk"],
    )
    if stored["web"]:
        domain, agent, device = stored["web"]
        web = WebDevice(referring_domain=domain, user_agent=agent, device_identifier=device)
        return replace(request, web=web)
    return request
