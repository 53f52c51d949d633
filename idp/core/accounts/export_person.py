"""Export a person: everything that is stored about the person, for the person (GDPR 15 and 20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from idp.core.accounts.ports import People
from idp.core.audit_log import Audit
from idp.core.events import PersonExported
from idp.core.people.person import NoSuchPerson, Person

Rows = Sequence[Mapping[str, Any]]
"""Of one table: values as JSON has them, by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What is stored of one person, readable, by table."""

    person_id: str
    made_at: datetime
    tables: Mapping[str, Rows] = field(repr=False)


class Extracts(Protocol):
    """Everything that is stored of a person."""

    def of(self, person: Person) -> Mapping[str, Rows]:
        """Every column of the inventory that says something about the person, decrypted; tables without rows too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPerson:
    """Reads all of it in one transaction, and writes down who did."""

    people: People
    extracts: Extracts
    audit: Audit

    def __call__(self, person_id: str, now: datetime, *, operator: str, case_id: str) -> Extract | NoSuchPerson:
        person = self.people.find(person_id)
        if person is None:
            return NoSuchPerson()
        tables = self.extracts.of(person)
        self.audit.record(PersonExported(person_id=person_id, operator=operator, case_id=case_id), now)
        return Extract(person_id=person_id, made_at=now, tables=tables)
