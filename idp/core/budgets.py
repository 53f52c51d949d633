"""Budgets: how often something may be done in how long a time. The one way in which anything here is limited.

A budget is paid before it is known how the act ends, in each of its scopes or in none. A scope's name says what is counted,
and of whom: "order.address 192.0.2.1". Windows may be as long as a year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many acts in so long a window."""

    limit: int
    window: timedelta
    from_last: bool = False
    """True: the window is counted from the last act, so that no time of its length ever holds more acts than the limit.

    False: it is counted from the first act, and around its end twice the limit may pass.
    """


@dataclass(frozen=True, slots=True)
class Left:
    """What is left in one scope."""

    acts: int
    until: datetime | None = None
    """When the window ends; told when nothing is left."""


@dataclass(frozen=True, slots=True)
class Charged:
    """The act may be done; it is paid for."""

    left: Mapping[str, Left]
    """By scope. Only the actor's own may be told: others' are nobody's business."""


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Nothing left in some of the scopes, so that nothing was paid."""

    ends: Mapping[str, datetime]
    """When the window of each of them ends."""

    @property
    def until(self) -> datetime:
        """When every one of them has come back."""
        return max(self.ends.values())


class Budgets(Protocol):
    """What has been spent, by scope."""

    def charge(self, scopes: Mapping[str, Budget], now: datetime, *, once: str | None = None) -> Charged | Exhausted:
        """Pay for one act in every scope, or in none, by one conditional statement.

        Scopes are named in one order everywhere, what belongs to one person first and what is everybody's last: acts wait
        for one another in that order.

        With `once`, the name of this very act, a repeat costs nothing until the longest window has ended.
        """

    def left(self, scopes: Mapping[str, Budget], now: datetime) -> Mapping[str, Left]:
        """What is left, without paying."""

    def refund(self, scopes: Iterable[str], *, once: str | None = None) -> None:
        """Give one act back in every scope; with `once` only where that act was paid for, and one time."""
