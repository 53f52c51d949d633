"""The audit log: rows that are only ever added, each with a mark that nobody makes without the audit secret.

A request adds one row and waits for nobody; `audit_chain` gives rows their place in the one chain a moment later.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, or_, select

from idp.adapters.database.columns import microseconds
from idp.adapters.database.encryption import Versions
from idp.adapters.database.engine import connection, session
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.tables import audit
from idp.core.audit_chain.marks import Entry, MarkKeys
from idp.core.audit_chain.numbering import Number, Writer
from idp.core.audit_log import Event, Recorded
from idp.core.ids import new_id

_RECORD = Prepared(insert(audit).values({column.name: bindparam(column.name) for column in audit.columns}))
_DAY = timedelta(days=1)


@dataclass(slots=True)
class AuditKeys:
    """The keys of marks as they are now; made again only when the secret has changed."""

    versions: Versions
    _made_of: object = None
    _made: MarkKeys | None = None

    def __call__(self) -> MarkKeys:
        versions = self.versions()
        if self._made is None or versions is not self._made_of:
            since = versions[0].used_from or versions[0].made_at
            in_use_since = microseconds(since) if since is not None else 0
            self._made = MarkKeys({each.version: each.value for each in versions}, in_use_since)
            self._made_of = versions
        return self._made


@dataclass(slots=True)
class DatabaseAudit:
    """The ports `Audit` and `AuditLog`."""

    keys: Callable[[], MarkKeys]
    _writer: Writer = field(default_factory=Writer)
    _process: int = 0

    def record(self, event: Event, now: datetime) -> None:
        stated = {each.name: _plain(getattr(event, each.name)) for each in fields(event)}
        person_id = stated.pop("person_id", None)
        facts = _json({name: value for name, value in stated.items() if value is not None})
        number = self._number(now)
        entry = Entry(new_id(now), microseconds(now), event.name, person_id, facts, *number)
        row = entry._asdict() | {"at": now, "mark_hash": self.keys().of_row(entry)}
        _RECORD.run(row)

    def of_person(self, person_id: str, *, limit: int = 1000) -> Sequence[Recorded]:
        """What happened to a person, the newest first."""
        statement = select(audit).where(audit.c.person_id == person_id).order_by(audit.c.at.desc(), audit.c.id.desc())
        return [_recorded(row) for row in connection().execute(statement.limit(limit)).mappings()]

    def of_interaction(self, interaction_id: str, around: datetime) -> Sequence[Recorded]:
        """What happened in one login and the identifications that it owned, in its order; none lasts longer than a day."""
        named = (_json({name: interaction_id})[1:-1] for name in ("interaction_id", "identification_id"))
        statement = select(audit).where(
            audit.c.at.between(around - _DAY, around + _DAY),
            or_(*(audit.c.facts.contains(name, autoescape=True) for name in named)),
        )
        return [_recorded(row) for row in connection().execute(statement.order_by(audit.c.id)).mappings()]

    def _number(self, now: datetime) -> Number:
        if self._process != os.getpid():  # forked: numbers are one process's own
            self._writer, self._process = Writer(), os.getpid()
        writer, present = self._writer, session()
        transaction = id(present)
        if not writer.is_open(transaction):
            present.when_ended(lambda committed: writer.ended(transaction, committed=committed))
        return writer.next(transaction, now)


def _recorded(row: RowMapping) -> Recorded:
    of_person = {} if row["person_id"] is None else {"person_id": row["person_id"]}
    return Recorded(at=row["at"], name=row["event"], facts=of_person | json.loads(row["facts"]))


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(fact: Any) -> Any:
    """As JSON writes it: words of a closed set as text."""
    match fact:
        case Enum():
            return fact.value
        case tuple():
            return [_plain(each) for each in fact]
        case _:
            return fact
