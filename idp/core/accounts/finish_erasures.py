"""Finish erasures: a backup from before an erasure brings rows back, but not the key; such people are erased once more."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Grants, Keyless
from idp.core.audit_log import Audit
from idp.core.events import PersonErased


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishErasures:
    """Erases whoever has no key; never by itself, because a table of keys that was not restored looks the same."""

    keyless: Keyless
    grants: Grants
    audit: Audit

    def count(self) -> int:
        """How many people have rows and no key."""
        return self.keyless.count()

    def __call__(self, now: datetime, *, operator: str, case_id: str) -> int:
        """Erase them. Returns how many."""
        erased = self.keyless.forget(now)
        for person_id in erased:
            self.grants.revoke_for_person(person_id, now, reason="erased")
            self.audit.record(PersonErased(person_id=person_id, operator=operator, case_id=case_id), now)
        return len(erased)
