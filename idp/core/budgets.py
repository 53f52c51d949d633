"""Budgets: how often something may be done in how long a time, and what a try costs."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The try may be made; it is already paid for."""

    left: int
    """Tries left for this person in the window, after this one."""
    until: datetime | None = None
    """When the window ends; told when nothing is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhausted:
    """No try left until then."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many wrong tries in so long a window."""

    limit: int
    window: timedelta
