"""Block an account, and open it again."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.end_logins import EndLogins
from idp.core.accounts.ports import Grants, People
from idp.core.audit_log import Audit
from idp.core.events import PersonBlocked, PersonUnblocked
from idp.core.people.person import NoSuchPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The account is suspended from now on."""

    logins_ended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyBlocked:
    """Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblocked:
    """The person may log in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBlocked:
    """Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Suspends an account: sessions and tokens end at once and for good, and every client is told."""

    people: People
    grants: Grants
    end_logins: EndLogins
    audit: Audit

    def __call__(
        self, person_id: str, now: datetime, *, operator: str, reason: str
    ) -> Blocked | AlreadyBlocked | NoSuchPerson:
        is_new = self.people.block(person_id, now, reason=reason)
        person = self.people.find(person_id)
        if person is None:
            return NoSuchPerson()
        if not is_new:
            return AlreadyBlocked()
        ended = self.end_logins(person, now, reason="blocked")
        self.grants.revoke_for_person(person_id, now, reason=reason)
        self.audit.record(PersonBlocked(person_id=person_id, operator=operator, reason=reason), now)
        return Blocked(logins_ended=ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblock:
    """Opens an account again; what was ended stays ended."""

    people: People
    audit: Audit

    def __call__(self, person_id: str, now: datetime, *, operator: str) -> Unblocked | NotBlocked | NoSuchPerson:
        if not self.people.unblock(person_id):
            return NoSuchPerson() if self.people.find(person_id) is None else NotBlocked()
        self.audit.record(PersonUnblocked(person_id=person_id, operator=operator), now)
        return Unblocked()
