"""The start request: what a relying party asks for when it starts an order, typed and checked."""

from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """The five ways to start an order; the value is the path below /rp/v6.0/."""

    AUTH = "auth"
    SIGN = "sign"
    PAYMENT = "payment"
    PHONE_AUTH = "phone/auth"
    PHONE_SIGN = "phone/sign"

    @property
    def is_by_phone(self) -> bool:
        """True when two people are already on a call."""
        return self in {Operation.PHONE_AUTH, Operation.PHONE_SIGN}

    @property
    def is_identification(self) -> bool:
        """True when the person identifies rather than signs."""
        return self in {Operation.AUTH, Operation.PHONE_AUTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Conditions on the person, the BankID and the device (`requirement`)."""

    pin_code: bool = False
    mrtd: bool = False
    card_reader: str | None = None
    certificate_policies: tuple[str, ...] = ()
    person_number: str | None = None
    risk: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The payment a person is asked to approve (`userVisibleTransaction`)."""

    kind: str
    recipient: str
    amount: str | None = None
    currency: str | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """A valid request to start an order; `visible` and `non_visible` are the base64 texts as they were sent."""

    operation: Operation
    end_user_ip: str | None = None
    visible: str | None = None
    visible_text: str = ""
    is_markdown: bool = False
    non_visible: str | None = None
    requirement: Requirement = Requirement()
    return_url: str | None = None
    return_risk: bool = False
    person_number: str | None = None
    call_initiator: str | None = None
    transaction: Transaction | None = None
    client: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who started an order, read from the RP certificate: its fingerprint, the name shown to people, its DN."""

    fingerprint: str
    name: str
    distinguished_name: str
