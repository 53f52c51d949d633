"""Erase an account: nothing is left that says who it was, but what the law or a dispute may ask for, and that is named (GDPR 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.end_logins import EndLogins
from idp.core.accounts.ports import Grants, People, StillKept, Traces
from idp.core.audit_log import Audit
from idp.core.events import PersonErased
from idp.core.oidc.logout.end_session import EndSession
from idp.core.people.person import NoSuchPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The account is gone; the same BankID opens another, with another `sub`."""

    logins_ended: int
    kept: Sequence[StillKept]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyErased:
    """Nothing was changed: it was erased before, or by another who was first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """Nothing was changed: the person is blocked, or kept out of a company, and would come back as another who is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Erases a person, ends what the person has open, and tells every client that still acts for the person."""

    people: People
    traces: Traces
    grants: Grants
    end_logins: EndLogins
    end_session: EndSession
    audit: Audit

    def __call__(
        self, person_id: str, now: datetime, *, operator: str, case_id: str, although_shut_out: bool = False
    ) -> Erased | AlreadyErased | ShutOut | NoSuchPerson:
        person = self.people.find(person_id)
        if person is None:
            return AlreadyErased() if self.traces.was_erased(person_id) else NoSuchPerson()
        if not although_shut_out and (person.is_blocked or self.traces.is_kept_out(person_id)):
            return ShutOut()
        kept = self.traces.erase(person, now)
        if kept is None:
            return AlreadyErased()
        ended = self.end_logins(person, now, reason="erased")
        self.end_session.tell_who_still_acts(person, now)
        self.grants.revoke_for_person(person_id, now, reason="erased")
        self.audit.record(PersonErased(person_id=person_id, operator=operator, case_id=case_id), now)
        return Erased(logins_ended=ended, kept=kept)
