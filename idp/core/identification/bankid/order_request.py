"""Order request: what BankID is asked to do, always within BankID's limits (BankID RP 6.0, auth)."""

import base64
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

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

    `end_user_ip` is the browser's own address as far as it is known; `return_url` belongs to orders started on the same
    device only.
    """

    end_user_ip: str = field(repr=False)
    user_visible_data: str
    user_non_visible_data: bytes | None = field(default=None, repr=False)
    return_url: str | None = field(default=None, repr=False)
    requirement: Requirement = field(default_factory=Requirement)
    return_risk: bool = True
    web: WebDevice | None = None
    browser_addresses: tuple[str, ...] = field(default=(), repr=False)
    """Addresses that the browser certainly has, for us to compare with the app's; BankID is not told of them."""

    def __post_init__(self) -> None:
        """Raise ValueError, beginning with the field's name, for what BankID would refuse as invalidParameters."""
        _require_ip_address(self.end_user_ip)
        _require_length("user_visible_data", _base64_length(self.user_visible_data.encode()), VISIBLE_DATA_LIMIT)
        if self.user_non_visible_data is not None:
            length = _base64_length(self.user_non_visible_data)
            _require_length("user_non_visible_data", length, NON_VISIBLE_DATA_LIMIT)
        if self.return_url is not None:
            _require_length("return_url", len(self.return_url), RETURN_URL_LIMIT)

    def to_json(self) -> dict[str, Any]:
        """The JSON object to store; it holds an address and perhaps a personal number, so it is stored encrypted only."""
        hidden = self.user_non_visible_data
        return asdict(self) | {
            "user_non_visible_data": base64.b64encode(hidden).decode() if hidden else None,
            "requirement": asdict(self.requirement) | {"kinds": sorted(self.requirement.kinds)},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        hidden, requirement, web = (stored[name] for name in ("user_non_visible_data", "requirement", "web"))
        kinds = frozenset(BankIdKind(kind) for kind in requirement["kinds"])
        members = {
            "user_non_visible_data": base64.b64decode(hidden) if hidden else None,
            "requirement": Requirement(**{**requirement, "kinds": kinds}),
            "web": WebDevice(**web) if web else None,
            "browser_addresses": tuple(stored["browser_addresses"]),
        }
        return cls(**{**stored, **members})


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
