"""Attempts: who tried which number, how, and what came of it, so that a guesser can be found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from idp.core.linking.limits import Networks
from idp.core.people.identity import Identity


class Tier(StrEnum):
    """By what the number was to be proved."""

    FOUR_DIGITS = "four-digits"
    WHOLE_NUMBER = "whole-number"
    OWN_NUMBER = "own-number"
    """The person's own, of a sole trader."""


class Result(StrEnum):
    """What came of it."""

    PROVED = "proved"
    MISMATCH = "mismatch"
    WHOLE_NUMBER_NEEDED = "whole-number-needed"
    PERSON_PAUSED = "person-paused"
    COMPANY_PAUSED = "company-paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Who tries, and where and in which login that is."""

    identity: Identity
    person_id: str | None
    """None while there is no account."""
    authentication_id: str
    """The identification that says who it is; its evidence is the guesser's signature."""
    verdict: str
    """What that identification is worth, by its risk."""
    interaction_id: str
    networks: Networks | None
    """None: of an unknown address."""
    reference: str
    """The short code that the person reads on the page that ends the tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try that was judged, or not even looked at."""

    at: datetime
    reference: str
    identity: Identity = field(repr=False)
    person_id: str | None
    authentication_id: str
    verdict: str
    interaction_id: str
    number: str = field(repr=False)
    """As it was typed, in its one spelling; the port keeps a keyed hash only."""
    customer_id: str | None
    """Whose the number is; None when it is nobody's."""
    tier: Tier
    result: Result
    network: IPv4Network | IPv6Network | None
    """A /24, or an IPv6 /48."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An attempt as support sees it."""

    at: datetime
    reference: str
    guesser: str
    """Names one identity without telling whose it is."""
    person_id: str | None
    customer_id: str | None
    authentication_id: str
    verdict: str
    tier: str
    result: str
    network: str | None


class Attempts(Protocol):
    """What was tried lately."""

    def record(self, attempt: Attempt) -> None:
        """In the transaction that pays for it."""

    def pseudonym(self, identity: Identity) -> str:
        """Names one identity in the audit log without telling whose it is."""

    def identity_behind(self, reference: str) -> Identity | None:
        """Whose try it was."""

    def with_reference(self, reference: str) -> Seen | None: ...
    def by_identity(self, identity: Identity, *, limit: int) -> Sequence[Seen]:
        """The newest first."""

    def at_number(self, number: str, *, limit: int) -> Sequence[Seen]:
        """The newest first, also at a number that is nobody's."""

    def at_customer(self, customer_id: str, *, limit: int) -> Sequence[Seen]:
        """The newest first, at all numbers of the company."""
