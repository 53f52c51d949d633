"""Risk policy: one table says what a completed BankID order is worth, and each of its rows what that is for.

Every row that applies is asked, and the strictest decides: so nothing that he who starts an order may choose (the browser's
name, the kind of its address, whether BankID can judge the risk) takes anything away from what another row says.
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from idp.core.identification.bankid.api import Risk
from idp.core.identification.caller_address import KnownAddress
from idp.core.identification.verdict import Verdict, strictest


class Together(StrEnum):
    """What shows that the BankID app and the browser that began belong together, its cookie given."""

    SCANNED = "scanned"
    """The app read a code that this browser showed."""
    RETURNED = "returned"
    """The app came back to this browser with the order's nonce."""
    NOT_RETURNED = "not_returned"
    """The app has a way back, and did not take it."""
    ADDRESS_ALONE = "address_alone"
    """There is no way back, so that nothing but the two addresses can say."""


class Relation(StrEnum):
    """How the app's address lies to those that the browser certainly has."""

    SAME = "same"
    NEAR = "near"
    """In the same IPv4 /24 or IPv6 /64: a home or an office in common, no device."""
    OTHER = "other"
    UNKNOWN = "unknown"
    """Of two families, hidden by a proxy, or not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a completed order, all of it from BankID or proved to us."""

    risk: Risk | None
    """None when BankID did not say."""
    together: Together
    relation: Relation

    @property
    def is_far(self) -> bool:
        """Addresses that cannot be compared are as far as others: who starts the order may choose that they cannot."""
        return self.relation in {Relation.OTHER, Relation.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPolicy:
    """What the settings say about the rows that are theirs."""

    low: Verdict
    unknown: Verdict
    moderate: Verdict
    high: Verdict
    far_address: Verdict
    same_address_suffices: bool
    """Where no way back exists, browser and app may show by one address and low risk that they are one device."""


@dataclass(frozen=True, slots=True)
class Row:
    """When it applies, and what it says then."""

    name: str
    """For the audit log."""
    sentence: str
    """The same for support."""
    applies: Callable[[Seen], bool]
    verdict: Callable[[RiskPolicy], Verdict]


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, and the row that it came from."""

    verdict: Verdict
    row: str


NOT_RETURNED: Final = "not_returned"
ADDRESS_ALONE: Final = "address_alone"
SAME_ADDRESS: Final = "same_address"
FAR_ADDRESS: Final = "far_address"

TABLE: Final = (
    Row(
        "risk_high",
        "BankID saw a high risk: `bankid.risk.high`.",
        lambda seen: seen.risk is Risk.HIGH,
        lambda policy: policy.high,
    ),
    Row(
        NOT_RETURNED,
        "The app had a way back to the browser and did not take it: it may have been on another device (CWE-384).",
        lambda seen: seen.together is Together.NOT_RETURNED,
        lambda _: Verdict.REFUSE,
    ),
    Row(
        ADDRESS_ALONE,
        "Only addresses could show that app and browser were one device, and they were not the very same at low risk.",
        lambda seen: seen.together is Together.ADDRESS_ALONE and not _is_one_device_by_address(seen),
        lambda _: Verdict.REFUSE,
    ),
    Row(
        SAME_ADDRESS,
        "App and browser had the very same address and low risk, and no way back: `bankid.same_address_suffices`.",
        lambda seen: seen.together is Together.ADDRESS_ALONE and _is_one_device_by_address(seen),
        lambda policy: Verdict.ALLOW if policy.same_address_suffices else Verdict.REFUSE,
    ),
    Row(
        FAR_ADDRESS,
        "The app came back to the browser, yet their addresses are of different networks: `bankid.risk.far_address`.",
        lambda seen: seen.together is Together.RETURNED and seen.is_far,
        lambda policy: policy.far_address,
    ),
    Row(
        "risk_moderate",
        "BankID saw a moderate risk: `bankid.risk.moderate`.",
        lambda seen: seen.risk is Risk.MODERATE,
        lambda policy: policy.moderate,
    ),
    Row(
        "risk_unknown",
        "BankID did not say how high the risk was: `bankid.risk.unknown`.",
        lambda seen: seen.risk is None,
        lambda policy: policy.unknown,
    ),
    Row(
        "risk_low",
        "BankID saw a low risk: `bankid.risk.low`.",
        lambda seen: seen.risk is Risk.LOW,
        lambda policy: policy.low,
    ),
)
SENTENCES: Final[Mapping[str, str]] = {row.name: row.sentence for row in TABLE}


def decide(seen: Seen, policy: RiskPolicy) -> Decision:
    """The strictest row that applies; the first of equals. Each risk has a row, so one always applies."""
    decisions = [Decision(row.verdict(policy), row.name) for row in TABLE if row.applies(seen)]
    verdict = strictest(decision.verdict for decision in decisions)
    return next(decision for decision in decisions if decision.verdict is verdict)


def relation(ours: Iterable[str], other: str) -> Relation:
    """How an address lies to the nearest of ours."""
    address, own = _parse(other), [parsed for each in ours if (parsed := _parse(each)) is not None]
    if address is None:
        return Relation.UNKNOWN
    comparable = [each for each in own if each.version == address.version]
    if address in comparable:
        return Relation.SAME
    if any(_neighbourhood(each) == _neighbourhood(address) for each in comparable):
        return Relation.NEAR
    return Relation.OTHER if comparable else Relation.UNKNOWN


def _is_one_device_by_address(seen: Seen) -> bool:
    """Low risk alone is what BankID says of nearly every login, and colleagues share an address."""
    return seen.relation is Relation.SAME and seen.risk is Risk.LOW


def _neighbourhood(address: IPv4Address | IPv6Address) -> object:
    own, around = KnownAddress(address).networks
    return around if address.version == 4 else own


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
