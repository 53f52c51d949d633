"""What evidence needs from the outside, and what others need of it: each method one business verb."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.core.evidence.bundle import Act, Identification, RestsOn


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Sealed evidence and by what it is found."""

    reference: str
    act: Act
    authentication_id: str | None
    """Of the login that it is of, or in which the act happened."""
    sha256: str
    sealed: str = field(repr=False)


class KeptEvidence(Protocol):
    """Where sealed evidence lies, encrypted; nothing in it is ever changed."""

    def keep(self, kept: Kept) -> None: ...
    def login_of(self, authentication_id: str) -> RestsOn | None:
        """The evidence of this login; None when it is gone."""


class Evidence(Protocol):
    """Keeps evidence of what is done, in the transaction in which it is done."""

    def keep_login(
        self, act: Act, identification: Identification, *, authentication_id: str, now: datetime
    ) -> object: ...
    def keep_act(self, act: Act, *, authentication_id: str | None, now: datetime) -> object:
        """Of an act after a login; without one, such as by a link in an e-mail, it proves our word alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which evidence: what is None does not matter, and a login that a chosen act rests on is always part of it."""

    person_id: str | None = None
    customer_id: str | None = None
    since: datetime | None = None


class EvidenceArchive(Protocol):
    """Kept evidence as the operator meets it."""

    def find(self, reference: str) -> Sequence[Kept]:
        """By its own reference, or all of the login with this authentication's id, the login first."""

    def customer_of(self, number: str) -> str | None:
        """Whose customer number this is now."""

    def count(self, selection: Selection) -> int: ...
    def select(self, selection: Selection) -> Iterator[Kept]:
        """All logins, then the acts that rest on them; `sealed` is empty where no key opens it."""
