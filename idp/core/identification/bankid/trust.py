"""Trust: when a completed BankID order may be believed, and what it then vouches for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from idp.core.identification.assertion import Assertion, MethodFacts
from idp.core.identification.bankid.api import Completion
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.proof import proof_of
from idp.core.identification.bankid.risk_policy import (
    ADDRESS_ALONE,
    FAR_ADDRESS,
    NOT_RETURNED,
    SAME_ADDRESS,
    Decision,
    RiskPolicy,
    Seen,
    Together,
    decide,
    relation,
)
from idp.core.identification.verdict import Verdict
from idp.core.people.identity import SWEDISH_PERSONAL_NUMBER, Identity
from idp.core.people.person import Profile
from idp.core.people.personal_number import birthdate_of


class Distrust(StrEnum):
    """Why a completed order is not believed; stored as the order's failing hint code."""

    RISK = "transactionRiskBlocked"
    ANOTHER_DEVICE = "anotherDevice"
    EVIDENCE = "evidenceRefused"


_TOLD_AS = dict.fromkeys((NOT_RETURNED, ADDRESS_ALONE, SAME_ADDRESS, FAR_ADDRESS), Distrust.ANOTHER_DEVICE)
"""Rows of the risk policy for which another way of starting BankID helps the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """What a completed order must fulfil."""

    risk: RiskPolicy
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
    kept: Mapping[str, str] = field(default_factory=dict)
    """What a later verification needs to be as strict as this one was."""


class EvidenceReader(Protocol):
    """Verifies the signature and OCSP answer of a completion."""

    def read(self, completion: Completion, *, visible: str, hidden: bytes | None, at: datetime) -> SignedFacts | str:
        """The facts, or why the evidence is refused; `at` is when the order was completed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distrusted:
    """The order must not log this browser in."""

    reason: Distrust
    decided_by: str | None = None
    """The row of the risk policy that refused it."""
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
        decision = decide(see(order, completion), self.policy.risk)
        if decision.verdict is Verdict.REFUSE:
            return Distrusted(reason=_TOLD_AS.get(decision.row, Distrust.RISK), decided_by=decision.row)
        request = order.request
        facts = self.evidence.read(
            completion, visible=request.user_visible_data, hidden=request.user_non_visible_data, at=completed_at
        )
        if not isinstance(facts, str):
            return self._assertion(order, completion, completed_at, facts, decision)
        if self.policy.evidence_required:
            return Distrusted(reason=Distrust.EVIDENCE, detail=facts)
        return self._assertion(order, completion, completed_at, None, decision, unproved=facts)

    def _assertion(
        self,
        order: Order,
        completion: Completion,
        at: datetime,
        facts: SignedFacts | None,
        decision: Decision,
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
            verdict=decision.verdict,
            decided_by=decision.row,
            device_ip=completion.device_ip,
            evidence=proof_of(order, completion, facts.kept if facts else {"unproved": unproved or ""}),
            credential_valid_from=facts.valid_from if facts else None,
            credential_valid_to=facts.valid_to if facts else None,
            unproved=unproved,
        )


def see(order: Order, completion: Completion) -> Seen:
    """What the risk policy decides over.

    A same-device order is an attacker's tool when its link is sent to somebody else (CWE-384). Whether there is a way back
    is decided when the order starts, and where there is one nothing else will do.
    """
    return Seen(
        risk=completion.risk,
        together=_together(order),
        relation=relation(order.request.browser_addresses, completion.device_ip),
    )


def _together(order: Order) -> Together:
    if order.launch is Launch.QR:
        return Together.SCANNED
    if order.returned_at is not None:
        return Together.RETURNED
    return Together.NOT_RETURNED if order.must_return else Together.ADDRESS_ALONE


def methods(launch: Launch, facts: SignedFacts | None) -> tuple[str, ...]:
    """The `amr` values (RFC 8176 2): only what can be known. A code scanned by another device is a second channel."""
    match facts.kind if facts else None:
        case BankIdKind.CARD:
            return ("sc", "pin", "mfa")
        case BankIdKind.FILE:
            return ("swk", "pin", "mfa")
        case _:
            return ("swk", "mfa", "mca") if launch is Launch.QR else ("swk", "mfa")
