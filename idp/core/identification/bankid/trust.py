"""Trust: when a completed BankID order may be believed, and what it then vouches for."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from idp.core.identification.assertion import Assertion, MethodFacts
from idp.core.identification.bankid.api import Completion, Risk
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.people.identity import SIGNATURE_EVIDENCE, SWEDISH_PERSONAL_NUMBER, Evidence, Identity
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
    same_address_suffices: bool
    """Where no way back exists, browser and app may show by one address and low risk that they are one device."""
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
            evidence=Evidence(
                kind=SIGNATURE_EVIDENCE, parts={"signature": completion.signature, "ocsp": completion.ocsp}
            ),
            credential_valid_from=facts.valid_from if facts else None,
            credential_valid_to=facts.valid_to if facts else None,
            unproved=unproved,
        )


def distrust(order: Order, completion: Completion, policy: TrustPolicy) -> Distrust | None:
    """Say why this completion must not log this browser in, or None.

    A same-device order is an attacker's tool when its link is sent to somebody else (CWE-384): it is believed when
    the app came back to the browser that started it. Whether there is a way back is decided when the order starts, and
    where there is one nothing else will do: colleagues and whole mobile networks share an address, and low risk is what
    BankID says of nearly every login. Where there is none, both must be true. Addresses that cannot be compared, because they
    are of two families or because a proxy hides one, are not the same: he who starts the order could choose that.
    """
    refused = {"high": {Risk.HIGH}, "moderate": {Risk.HIGH, Risk.MODERATE}}.get(policy.refuse_risk, set())
    if completion.risk in refused:
        return Distrust.RISK
    if order.launch is Launch.QR or order.returned_at is not None:
        return None
    if order.must_return or not policy.same_address_suffices:
        return Distrust.ANOTHER_DEVICE
    is_here = has_address(order.request.browser_addresses, completion.device_ip)
    return None if is_here and completion.risk is Risk.LOW else Distrust.ANOTHER_DEVICE


def has_address(ours: Iterable[str], other: str) -> bool:
    """Whether one of our addresses is the very same; an IPv6 /64 in common is a home or an office in common, no device."""
    address = _parse(other)
    return address is not None and address in map(_parse, ours)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def methods(launch: Launch, facts: SignedFacts | None) -> tuple[str, ...]:
    """The `amr` values (RFC 8176 2): only what can be known. A code scanned by another device is a second channel."""
    match facts.kind if facts else None:
        case BankIdKind.CARD:
            return ("sc", "pin", "mfa")
        case BankIdKind.FILE:
            return ("swk", "pin", "mfa")
        case _:
            return ("swk", "mfa", "mca") if launch is Launch.QR else ("swk", "mfa")
