"""Audit: the port that writes down what happened, and how an event is declared; the events themselves are in `core/events.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform

from idp.core.audit_chain.anchor import Anchor
from idp.core.audit_chain.inspection import Inspected, Seal


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: who, what and why in typed fields."""

    name: ClassVar[str]
    sentence: ClassVar[str]
    """What happened, for support: the docstring of its type."""


class Audit(Protocol):
    """What happened, to whom, never a secret; written in the transaction of its cause."""

    def record(self, event: Event, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it was written; another release may have declared it."""

    at: datetime
    name: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunAgain:
    """A new chain over what was left of the log."""

    after_position: int
    kept: int
    deleted: int
    """Rows that this provider did not write."""


class AuditLog(Protocol):
    """The log as support meets it."""

    def of_person(self, person_id: str, *, limit: int) -> Sequence[Recorded]:
        """What happened to a person, the newest first."""

    def of_interaction(self, interaction_id: str, around: datetime) -> Sequence[Recorded]:
        """What happened in one login, in its order."""


class AuditChain(Protocol):
    """The log as the operator and the jobs that seal it meet it; what is written raises when the chain is broken at its ends."""

    def begin(self) -> None:
        """Sign where the chain of an empty log begins and ends."""

    def seal(self, now: datetime, *, limit: int = 1000, everything: bool = False) -> int:
        """Continue the chain over rows without a place; returns how many got one."""

    def forget(self, until: datetime, *, limit: int = 500) -> int:
        """Delete the oldest rows of the chain that were written by then; returns how many."""

    def begin_again(self, now: datetime, *, after: int) -> BegunAgain:
        """Give every row of ours a place in a new chain, behind every position that ever was; delete the others."""

    def anchor(self, now: datetime) -> Anchor:
        """Where the chain ends now."""

    def holds(self, anchor: Anchor) -> bool:
        """Whether the chain still has this link, or has forgotten it in its turn."""

    def count(self) -> int:
        """About how many rows are sealed."""

    def inspect(
        self,
        now: datetime,
        *,
        anchors: Mapping[int, bytes] | None = None,
        walked: Callable[[Sequence[Seal]], None] = ...,
    ) -> Inspected:
        """Walk along the whole log and say what is not as it was written."""


_E = TypeVar("_E", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str) -> Callable[[type[_E]], type[_E]]:
    """Declare a frozen dataclass as an event; the name is stored, and stays."""

    def declare(declared: type[_E]) -> type[_E]:
        made = dataclass(frozen=True, kw_only=True)(declared)
        made.name = name
        made.sentence = declared.__doc__ or ""
        return made

    return declare
