"""What the sign-in hears from BankID: started orders, collected answers, and the ways it can go wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Protocol, Self

from idp.core.identification.bankid.order_request import OrderRequest


class Risk(StrEnum):
    """BankID's judgement of an order; HIGH means that the channel between browser and app looks broken."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


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
    """The identified person, as the issuing bank spells the name; a name is never a key, and empty where there is none."""

    personal_number: str = field(repr=False)
    name: str = field(repr=False)
    given_name: str = field(repr=False)
    surname: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A completed identification (BankID RP 6.0, completionData).

    `device_ip` and `device_uhi` describe the device that runs the BankID app; `signature` and `ocsp` are base64 text and
    are the evidence. What BankID did not say is empty. `risk` is None when BankID did not say.
    """

    user: User
    device_ip: str = field(repr=False)
    device_uhi: str = field(repr=False)
    issue_date: date | None
    signature: str = field(repr=False)
    ocsp: str = field(repr=False)
    risk: Risk | None = None

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
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Read what `as_dict` wrote; raise ValueError, naming the member, for anything else."""
        issue_date = _optional_text(stored, "issue_date")
        risk = _optional_text(stored, "risk")
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
class Answered:
    """BankID did not say to wait: this may be its last word, which it tells once, so it is kept as it came before it is read."""

    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Complete:
    """The person identified."""

    completion: Completion


@dataclass(frozen=True, slots=True)
class Failed:
    """The order is over without an identification; an unknown hint code is kept as it came."""

    hint_code: str


Ended = Complete | Failed


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

    async def auth(self, request: OrderRequest) -> StartedOrder:
        """Start an identification; raises BankIdError. Not idempotent: a lost answer may have left an order behind."""

    async def collect(self, order_ref: str) -> Pending | Answered:
        """Ask how the order fares, at most every other second; raises OrderGone and other BankIdError."""

    def read(self, body: bytes, order_ref: str) -> Ended:
        """Read how the order ended. Raises ValueError for what is not of the interface, or about another order."""

    async def cancel(self, order_ref: str) -> None:
        """Stop the order; one that is over already is left in peace; raises BankIdError."""

    async def ping(self) -> datetime | None:
        """Check that BankID works and accepts our certificate, without an order; raises BankIdError.

        Returns what time it is there, where the answer says it.
        """

    async def close(self) -> None:
        """Let go of the kept connections; the loop that made them calls it before it ends."""
