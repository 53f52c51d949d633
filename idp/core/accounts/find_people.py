"""Find people: whom support may look for, and that looking at somebody unmasked is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Directory
from idp.core.audit_log import Audit
from idp.core.events import PersonShown
from idp.core.people.person import Person
from idp.core.people.personal_number import PersonalNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalNumberGiven:
    """Nobody is looked for by a personal number: a shell and a log keep what was typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPeople:
    """Looks for people by e-mail address, telephone number, customer number, id or sub."""

    people: Directory
    audit: Audit

    def __call__(
        self, text: str, now: datetime, *, operator: str, unmasked: bool
    ) -> Sequence[Person] | PersonalNumberGiven:
        if _is_personal_number(text, now):
            return PersonalNumberGiven()
        found = self.people.search(text.strip())
        if unmasked:
            for person in found:
                self.audit.record(PersonShown(person_id=person.id, operator=operator), now)
        return found


def _is_personal_number(text: str, now: datetime) -> bool:
    try:
        PersonalNumber.parse(text, today=now.date())
    except ValueError:
        return False
    return True
