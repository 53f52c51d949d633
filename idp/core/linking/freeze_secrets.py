"""Freeze secrets: what a notice of a new user holds, by which its reader can freeze the link; each works once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The very link that a notice was about, and who was told."""

    person_id: str
    customer_id: str
    linked_at: datetime
    told: str
    """`contact_on_file` or `linked_user`."""


@dataclass(frozen=True, slots=True)
class Known:
    """The secret works, or has just been used up."""

    held: Held


@dataclass(frozen=True, slots=True)
class SpentSecret:
    """It was used before, in the case with this reference."""

    reference: str


class FreezeSecrets(Protocol):
    """The secrets that are out; only their hashes are kept."""

    def give_out(self, held: Held, now: datetime, *, until: datetime) -> str:
        """A secret for one reader."""

    def look(self, secret: str, now: datetime) -> Known | SpentSecret | None:
        """None for a late one and for one that is not ours."""

    def use(self, secret: str, now: datetime, *, reference: str) -> Known | SpentSecret | None:
        """Use it up, once, by one conditional statement."""
