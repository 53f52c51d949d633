"""Audit: the port that writes down what happened, and how an event is declared; the events themselves are in `core/events.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform


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
