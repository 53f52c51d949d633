"""What the sign-in says to BankID and hears from it: order requests, collected answers, and the ways it can go wrong."""

import base64
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Protocol, Self

from idp.core.people.digits import are_twelve

VISIBLE_DATA_LIMIT = 1_500
"""Longest text of /auth, counted in base64 characters (BankID RP 6.0, auth)."""
NON_VISIBLE_DATA_LIMIT = 1_500
"""Longest hidden data of /auth, counted in base64 characters (BankID RP 6.0, auth)."""
RETURN_URL_LIMIT = 512
USER_AGENT_LIMIT = 256
DEVICE_IDENTIFIER_LIMIT = 64

_DOMAIN = re.compile(r"[a-z0-9.-]{3,253}", re.ASCII)


class BankIdKind(StrEnum):
    """The kinds of BankID a person can hold; their certificate policy numbers differ per environment."""

    MOBILE = "mobile"
    FILE = "file"
    CARD = "card"


class Risk(StrEnum):
    """BankID's judgement of an order; HIGH means that the channel between browser and app looks broken."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the person's BankID must satisfy (BankID RP 6.0, requirement); an empty set of kinds accepts every kind."""

    kinds: frozenset[BankIdKind] = frozenset()
    pin_code: bool = False
    personal_number: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError when the personal number is not written with twelve digits."""
        if self.personal_number is not None and not are_twelve(self.personal_number):
            raise ValueError("personal_number: twelve digits are needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDevice:
    """The browser that starts an order; BankID judges risk by it (BankID RP 6.0, web)."""

    referring_domain: str
    user_agent: str = field(repr=False)
    device_identifier: str = field(repr=False)

    def __post_init__(self) -> None:
        """Cut the user agent to what BankID accepts; raise ValueError for the rest.

        In-app browsers send longer user agents, and a person must not be stopped by that.
        """
        object.__setattr__(self, "user_agent", self.user_agent.strip()[:USER_AGENT_LIMIT])
        if not _DOMAIN.fullmatch(self.referring_domain):
            raise ValueError("referring_domain: 3 to 253 of a-z, 0-9, dot and hyphen are needed")
        if not 1 <= len(self.device_identifier) <= DEVICE_IDENTIFIER_LIMIT:
            raise ValueError(f"device_identifier: 1 to {DEVICE_IDENTIFIER_LIMIT} characters are needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """One identification to start; an instance is always within BankID's limits (BankID RP 6.0, auth).

    `end_user_ip` is the browser's own address; `return_url` belongs to orders started on the same device only.
    """

    end_user_ip: str = field(repr=False)
    user_visible_data: str
    user_non_visible_data: bytes | None = field(default=None, repr=False)
    return_url: str | None = field(default=None, repr=False)
    requirement: Requirement = field(default_factory=Requirement)
    return_risk: bool = True
    web: WebDevice | None = None

    def __post_init__(self) -> None:
        """Raise ValueError, beginning with the field's name, for what BankID would refuse as invalidParameters."""
        _require_ip_address(self.end_user_ip)
        _require_length("user_visible_data", _base64_length(self.user_visible_data.encode()), VISIBLE_DATA_LIMIT)
        if self.user_non_visible_data is not None:
            length = _base64_length(self.user_non_visible_data)
            _require_length("user_non_visible_data", length, NON_VISIBLE_DATA_LIMIT)
        if self.return_url is not None:
            _require_length("return_url", len(self.return_url), RETURN_URL_LIMIT)


def _require_ip_address(text: str) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("end_user_ip: an IPv4 or IPv6 address without port is needed") from None
    if "%" in str(address):
        raise ValueError("end_user_ip: an address with a zone is not the browser's own")


def _require_length(name: str, length: int, limit: int) -> None:
    if not 1 <= length <= limit:
        raise ValueError(f"{name}: 1 to {limit} characters are allowed, this has {length}")


def _base64_length(data: bytes) -> int:
    return len(base64.b64encode(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedOrder:
    """BankID's answer to a start. Every member opens or reads the order, so none of them is ever shown or logged.

    Only `qr_start_token` (inside a QR frame) and `auto_start_token` (to the browser that started a same-device order)
    leave the server; `order_ref` and `qr_start_secret` never do.
    """

    order_ref: str = field(repr=False)
    auto_start_token: str = field(repr=False)
    qr_start_token: str = field(repr=False)
    qr_start_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The identified person, as the issuing bank spells the name; a name is never a key."""

    personal_number: str = field(repr=False)
    name: str = field(repr=False)
    given_name: str = field(repr=False)
    surname: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A completed identification (BankID RP 6.0, completionData).

    `device_ip` and `device_uhi` describe the device that runs the BankID app; `signature` and `ocsp` are base64 text and
    are the evidence. `risk` and `step_up_mrtd` are None when BankID did not say.
    """

    user: User
    device_ip: str = field(repr=False)
    device_uhi: str = field(repr=False)
    issue_date: date | None
    signature: str = field(repr=False)
    ocsp: str = field(repr=False)
    risk: Risk | None = None
    step_up_mrtd: bool | None = None

    def as_dict(self) -> dict[str, object]:
        """The JSON object to store; it holds a personal number, so it is stored encrypted only."""
        return {
            "personal_number": self.user.personal_number,
            "name": self.user.name,
            "given_name": self.user.given_name,
            "surname": self.user.surname,
            "device_ip": self.device_ip,
            "device_uhi": self.device_uhi,
            "issue_date": self.issue_date.isoformat() if self.issue_date else None,
            "signature": self.signature,
            "ocsp": self.ocsp,
            "risk": self.risk.value if self.risk else None,
            "step_up_mrtd": self.step_up_mrtd,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Read what `as_dict` wrote; raise ValueError, naming the member, for anything else."""
        issue_date = _optional_text(stored, "issue_date")
        risk = _optional_text(stored, "risk")
        step_up_mrtd = stored.get("step_up_mrtd")
        if not (step_up_mrtd is None or isinstance(step_up_mrtd, bool)):
            raise ValueError("step_up_mrtd: a truth value is needed")
        return cls(
            user=User(
                personal_number=_text(stored, "personal_number"),
                name=_text(stored, "name"),
                given_name=_text(stored, "given_name"),
                surname=_text(stored, "surname"),
            ),
            device_ip=_text(stored, "device_ip"),
            device_uhi=_text(stored, "device_uhi"),
            issue_date=date.fromisoformat(issue_date) if issue_date else None,
            signature=_text(stored, "signature"),
            ocsp=_text(stored, "ocsp"),
            risk=Risk(risk) if risk else None,
            step_up_mrtd=step_up_mrtd,
        )


def _text(stored: Mapping[str, object], name: str) -> str:
    value = stored.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name}: text is needed")  # noqa: TRY004 - malformed data, whatever its type
    return value


def _optional_text(stored: Mapping[str, object], name: str) -> str | None:
    return None if stored.get(name) is None else _text(stored, name)


@dataclass(frozen=True, slots=True)
class Pending:
    """The order goes on; an unknown hint code is kept as it came, since BankID adds new ones without notice."""

    hint_code: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The person identified. BankID tells it once: store it before telling anybody."""

    completion: Completion


@dataclass(frozen=True, slots=True)
class Failed:
    """The order is over without an identification; an unknown hint code is kept as it came."""

    hint_code: str


Collected = Pending | Complete | Failed


class BankIdError(Exception):
    """BankID did not do what was asked.

    `code` is BankID's errorCode or a word of ours; `details` is for the log, never for people; `retryable` says whether the
    same call may be made again later; `message_key` is what the person is told; `retry_after` counts seconds when known.
    """

    default_message_key: ClassVar[str] = "bankid.unknown_failed"

    def __init__(
        self,
        code: str,
        details: str = "",
        *,
        retryable: bool = False,
        message_key: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
        self.retryable = retryable
        self.message_key = message_key or self.default_message_key
        self.retry_after = retry_after


class BankIdUnavailable(BankIdError):
    """BankID is out of reach, overloaded, closed or talks nonsense: the person may try again later."""

    default_message_key = "bankid.unavailable"


class BankIdRefused(BankIdError):
    """BankID understood and said no, by a known code such as alreadyInProgress or one it has added since."""


class BankIdMisused(BankIdError):
    """The fault is on our side: a malformed request, a wrong address or a certificate that BankID does not accept."""

    default_message_key = "bankid.our_fault"


class OrderGone(BankIdError):
    """BankID does not know the order: collected already, too old, or started with another certificate.

    A stored result may exist (a lost answer); otherwise the person starts again.
    """

    default_message_key = "bankid.unknown_failed"


class BankId(Protocol):
    """BankID's relying party interface, as the sign-in needs it."""

    def auth(self, request: OrderRequest) -> StartedOrder:
        """Start an identification; raises BankIdError. Not idempotent: a lost answer may have left an order behind."""

    def collect(self, order_ref: str) -> Collected:
        """Ask how the order fares, at most every other second; raises OrderGone and other BankIdError."""

    def cancel(self, order_ref: str) -> None:
        """Stop the order; one that is over already is left in peace; raises BankIdError."""

    def ping(self) -> None:
        """Check that BankID answers and accepts our certificate, without an order; raises BankIdError."""

    def close(self) -> None:
        """Let go of the kept connections."""
