"""Unused accounts: a person who has not logged in for long is warned by e-mail, and the account is erased when that changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from idp.core.accounts.erase import Erase, Erased
from idp.core.accounts.ports import People
from idp.core.messages import ACCOUNT_UNUSED_KIND, Outbox
from idp.core.overtaken import Overtaken

OPERATOR: Final = "retention"
CASE: Final = "unused"
"""What the audit log says of an erasure that nobody asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """A person, and when the account was last used."""

    person_id: str
    used_at: datetime


class UnusedAccounts(Protocol):
    """Accounts by their last login. Blocked people and those kept out of a company are not among them: they would come back."""

    def to_warn(self, unused_since: datetime, limit: int) -> Sequence[Unused]:
        """Who can be written to and was not yet."""

    def to_erase(self, unused_since: datetime, warned_before: datetime, limit: int) -> Sequence[str]:
        """Who was warned so early, or cannot be written to at all."""

    def was_used_since(self, person_id: str, since: datetime) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireUnused:
    """Warns and erases a few at a time; several at once do no harm."""

    accounts: UnusedAccounts
    people: People
    outbox: Outbox
    erase_person: Erase
    after: timedelta
    warned_before: timedelta

    def warn(self, now: datetime, *, limit: int) -> int:
        """Write to those whose time is near; returns how many."""
        found = self.accounts.to_warn(now - self.after + self.warned_before, limit)
        for unused in found:
            person = self.people.find(unused.person_id)
            if person is None or person.contact is None:
                continue
            erased_at = max(unused.used_at + self.after, now + self.warned_before)
            payload = {
                "to": person.contact.email.address,
                "used_at": unused.used_at.isoformat(),
                "erased_at": erased_at.isoformat(),
            }
            self.outbox.put(ACCOUNT_UNUSED_KIND, f"{ACCOUNT_UNUSED_KIND}:{unused.person_id}", payload, now)
        return len(found)

    def due(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Whose time is over."""
        return self.accounts.to_erase(now - self.after, now - self.warned_before, limit)

    def erase(self, person_id: str, now: datetime) -> bool:
        """Erase one; False when somebody else did. Raises Overtaken when the person has logged in meanwhile."""
        erased = self.erase_person(person_id, now, operator=OPERATOR, case_id=CASE)
        if self.accounts.was_used_since(person_id, now - self.after):
            raise Overtaken
        return isinstance(erased, Erased)
