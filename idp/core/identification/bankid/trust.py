"""Trust: when a completed BankID order may be believed, and what it then vouches for."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from idp.core.identification.assertion import Assertion, MethodFacts
from idp.core.identification.bankid.api import Completion, Risk
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.people.identity import BANKID_EVIDENCE, SWEDISH_PERSONAL_NUMBER, Evidence, Identity
from idp.core.people.person import Profile
from idp.core.people.personal_number import birthdate_of


class Distrust(StrEnum):
    """Why a completed order is not believed; stored as the order's failing hint code."""

    RISK = "transactionRiskBlocked"
    ANOTHER_DEVICE = "anotherDevice"
    EVIDENCE = "evidenceRefused"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """What a completed order must fulfil."""

    refuse_risk: str
    """From which risk a login is refused: `high`, `moderate` or `never`."""
    low_risk_suffices: bool
    """Where no way back exists, BankID's own low risk speaks for another address."""
    evidence_required: bool
    """Whether an order is refused whose signature does not prove what the answer says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFacts:
    """What BankID's signature says beyond the completion itself."""

    kind: BankIdKind | None
    """None when the certificate's policy is not one we know."""
    valid_from: datetime
    valid_to: datetime
    chain_validated: bool


class EvidenceReader(Protocol):
    """Verifies the signature and OCSP answer of a completion."""

    def read(self, completion: Completion, *, visible: str, hidden: bytes | None, at: datetime) -> SignedFacts | str:
        """The facts, or why the evidence is refused; `at` is when the order was completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distrusted:
    """The order must not log this browser in."""

    reason: Distrust
    detail: str | None = None
    """Why the evidence was refused; for the audit log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOrder:
    """Turns a completed order into an assertion, or says why it must not be believed; writes nothing."""

    evidence: EvidenceReader
    policy: TrustPolicy
    method: MethodFacts

    def __call__(self, order: Order) -> Assertion | Distrusted:
        """Raises AssertionError for an order that is not complete."""
        completion, completed_at = order.completion, order.completed_at
        if completion is None or completed_at is None:
            raise AssertionError("a complete order has its completion and its time")
        reason = distrust(order, completion, self.policy)
        if reason is not None:
            return Distrusted(reason=reason)
        request = order.request
        facts = self.evidence.read(
            completion, visible=request.user_visible_data, hidden=request.user_non_visible_data, at=completed_at
        )
        if not isinstance(facts, str):
            return self._assertion(order, completion, completed_at, facts)
        if self.policy.evidence_required:
            return Distrusted(reason=Distrust.EVIDENCE, detail=facts)
        return self._assertion(order, completion, completed_at, None, unproved=facts)

    def _assertion(
        self,
        order: Order,
        completion: Completion,
        at: datetime,
        facts: SignedFacts | None,
        *,
        unproved: str | None = None,
    ) -> Assertion:
        user = completion.user
        born = birthdate_of(user.personal_number[:8])
        return Assertion(
            method=self.method,
            reference=order.id,
            identity=Identity(scheme=SWEDISH_PERSONAL_NUMBER, key=user.personal_number),
            profile=Profile(name=user.name, given_name=user.given_name, surname=user.surname, birthdate=born),
            at=at,
            amr=methods(order.launch, facts),
            device_ip=completion.device_ip,
            evidence=Evidence(kind=BANKID_EVIDENCE, parts={"signature": completion.signature, "ocsp": completion.ocsp}),
            credential_valid_from=facts.valid_from if facts else None,
            credential_valid_to=facts.valid_to if facts else None,
            unproved=unproved,
        )


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
    is_near = is_same_network(order.request.end_user_ip, completion.device_ip)
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


def methods(launch: Launch, facts: SignedFacts | None) -> tuple[str, ...]:
    """The `amr` values (RFC 8176 2): only what can be known. A code scanned by another device is a second channel."""
    match facts.kind if facts else None:
        case BankIdKind.CARD:
            return ("sc", "pin", "mfa")
        case BankIdKind.FILE:
            return ("swk", "pin", "mfa")
        case _:
            return ("swk", "mfa", "mca") if launch is Launch.QR else ("swk", "mfa")
