"""Identify with BankID: when it is needed, which order is asked for, and when a completed order may be believed."""

import hashlib
import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from idp.core.identification.bankid.api import Completion, Risk
from idp.core.identification.bankid.order import Launch, Order
from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.errors import ErrorCode
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


class BankIdLogin:
    """Nobody is identified, or not freshly enough, or somebody else is meant."""

    name: ClassVar[str] = "bankid"
    refusal: ClassVar[ErrorCode] = "login_required"

    def pending(self, journey: Journey) -> Reason | None:
        """Measured at the request's arrival, not now: otherwise max_age=0 would ask again on every redirect."""
        identified_at = journey.identified_at
        if identified_at is None:
            return Reason.NO_SESSION
        arrived_at = journey.request.arrived_at
        if self._login_is_demanded(journey) and identified_at <= arrived_at:
            return Reason.PROMPT_LOGIN
        max_age = journey.request.max_age
        if max_age is not None and (arrived_at - identified_at).total_seconds() > max_age:
            return Reason.MAX_AGE
        hinted = journey.request.hinted_sub
        if hinted is not None and journey.subject is not None and hinted != journey.subject:
            return Reason.OTHER_PERSON_HINTED
        return None

    @staticmethod
    def _login_is_demanded(journey: Journey) -> bool:
        prompt = journey.request.prompt
        return Prompt.LOGIN in prompt or (journey.client.reidentify_without_prompt and not prompt)


class Distrust(StrEnum):
    """Why a completed order is not believed; stored as the order's failing hint code."""

    RISK = "transactionRiskBlocked"
    ANOTHER_DEVICE = "anotherDevice"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """What a completed order must fulfil."""

    refuse_risk: str
    """From which risk a login is refused: `high`, `moderate` or `never`."""
    low_risk_suffices: bool
    """Where no way back exists, BankID's own low risk speaks for another address."""


def distrust(order: Order, completion: Completion, policy: TrustPolicy) -> Distrust | None:
    """Say why this completion must not log this browser in, or None.

    A same-device order is an attacker's tool when its link is sent to somebody else (CWE-384): it is believed when
    the app came back to the browser that started it. An address in common is no proof of that: colleagues and whole
    mobile networks share one. Only where no way back exists must it do. Low risk is what BankID says of nearly every
    login, so it speaks where addresses cannot be compared: a telephone has one of each kind, and we may see the other.
    """
    refused = {"high": {Risk.HIGH}, "moderate": {Risk.HIGH, Risk.MODERATE}}.get(policy.refuse_risk, set())
    if completion.risk in refused:
        return Distrust.RISK
    if order.launch is Launch.QR or order.returned_at is not None:
        return None
    if order.must_return:
        return Distrust.ANOTHER_DEVICE
    is_near = is_same_network(order.end_user_ip, completion.device_ip)
    if is_near or (completion.risk is Risk.LOW and (is_near is None or policy.low_risk_suffices)):
        return None
    return Distrust.ANOTHER_DEVICE


def is_same_network(one: str, other: str) -> bool | None:
    """Same IPv4 address, or same IPv6 /64 (a home or a phone has one of those); None for one of each kind."""
    try:
        first, second = ipaddress.ip_address(one), ipaddress.ip_address(other)
    except ValueError:
        return False
    if first.version != second.version:
        return None
    if isinstance(first, ipaddress.IPv6Address):
        return int(first) >> 64 == int(second) >> 64
    return first == second


def binding(interaction: Interaction) -> bytes:
    """What is signed unseen, so that the stored signature proves which login was approved.

    SHA-256, as 64 ASCII hex digits, over the interaction and the request: its client, redirect URI, nonce and state.
    """
    request = interaction.request
    bound = "\n".join(
        str(part)
        for part in (
            interaction.id,
            interaction.client_id,
            request["redirect_uri"],
            request.get("nonce") or "",
            hashlib.sha256((request.get("state") or "").encode()).hexdigest(),
        )
    )
    return hashlib.sha256(bound.encode()).hexdigest().encode("ascii")
