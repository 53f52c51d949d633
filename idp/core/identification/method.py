"""Method: what every method of identification does for any owner of an identification."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Never, Protocol, TypeAlias, TypeVar

from idp.core.budgets import Exhausted
from idp.core.identification.assertion import Assertion, MethodFacts, NotBelieved
from idp.core.people.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """Somebody is to be identified; a browser's interaction owns that, or something else that has an id."""

    id: str
    """The owner's id: each method has at most one try of it under way."""
    reason: str
    """Why it is needed; for the audit log."""
    binding: bytes
    """Names what it is for, as a hash, so that a method can have it signed."""
    expected: Identity | None = None
    """The only person who may complete it, where the owner knows."""


class Standing(StrEnum):
    """How far a method is with an identification."""

    NOTHING = "nothing"
    """Nothing was started, or it was given up or used up."""
    UNDER_WAY = "under_way"
    READY = "ready"
    """Somebody was identified, and `complete` gives the assertion."""
    FAILED = "failed"
    OUT_OF_REACH = "out_of_reach"
    """It failed whatever the person wanted: the method could not be used."""


StartRequest_contra = TypeVar("StartRequest_contra", contravariant=True)


class Method(Protocol[StartRequest_contra]):
    """One method of identification; its own page says in a start request how it begins."""

    @property
    def facts(self) -> MethodFacts:
        """What tokens say about it."""

    def start(self, identification: Identification, request: StartRequest_contra, now: datetime) -> Exhausted | None:
        """Begin, and give up what was begun before; Exhausted when that may not be done so often."""

    def look(self, identification_id: str) -> Standing:
        """How far it is."""

    def cancel(self, identification_id: str, now: datetime) -> Standing:
        """Give up what is under way; how far it was."""

    def complete(self, identification_id: str, now: datetime) -> Assertion | NotBelieved | None:
        """Use up what is ready, once; None when nothing is. Raises Overtaken when another request used it up."""


AnyMethod: TypeAlias = Method[Never]
"""A method as its users know it that do not know its page: they cannot start it."""
