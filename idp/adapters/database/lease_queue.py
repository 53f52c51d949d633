"""The lease queue: rows of a table that become due, each worked on by one worker at a time, whatever dies in between.

A table that is a queue has `id`, `next_at` (None: nothing is to be done), `leased_by` and `leased_until`, and an index on what
is due. A lease is granted and ended by one conditional statement of the row itself; one that nobody ends, ends by its time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Table, Update, func, or_, select, update

from idp.adapters.database.engine import connection
from idp.core.overtaken import Overtaken

RELEASED: Final[dict[str, Any]] = {"leased_by": None, "leased_until": None}
"""What a statement that ends a lease sets beside its own values."""


class LeaseQueue:
    """One table's rows as work."""

    def __init__(self, table: Table, *, urgent: ColumnElement[bool] | None = None) -> None:
        """Rows for which `urgent` holds go before all others that are due."""
        self._table, self._columns = table, table.c
        self._order = (*(() if urgent is None else (urgent.desc(),)), table.c.next_at, table.c.id)

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[RowMapping]:
        """What is to be done now, in order; two workers that ask at once never get the same row."""
        columns, free = self._columns, self._free(now)
        due = select(columns.id).where(columns.next_at <= now, free).order_by(*self._order).limit(limit)
        found = connection().execute(due.with_for_update(skip_locked=True)).scalars().all()
        if not found:
            return ()  # an idle worker takes no write lock
        leased = update(self._table).where(columns.id.in_(found), columns.next_at <= now, free)
        rows = connection().execute(leased.values(leased_by=worker, leased_until=until).returning(*columns)).mappings()
        return sorted(rows, key=lambda row: found.index(row["id"]))

    def held(self, row_id: str, worker: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """The conditions under which a statement may act for this worker."""
        return self._columns.id == row_id, self._columns.leased_by == worker

    def again(self, row_id: str, worker: str, next_at: datetime, **values: Any) -> None:
        """End the lease; the row is due again at that time. Raises Overtaken: it was lost, or nothing is to be done."""
        conditions = (*self.held(row_id, worker), self._columns.next_at.is_not(None))
        self._end(conditions, next_at=next_at, **values)

    def finish(self, row_id: str, worker: str, *also: ColumnElement[bool], **values: Any) -> None:
        """End the lease for good. Raises Overtaken when it was lost, or another condition does not hold."""
        self._end((*self.held(row_id, worker), *also), next_at=None, **values)

    def give_back(self, row_id: str, worker: str) -> None:
        """End the lease and change nothing else; one that was lost is another worker's."""
        held = update(self._table).where(*self.held(row_id, worker))
        connection().execute(held.values(**RELEASED))

    def release(self, holders: str) -> int:
        """Free what workers hold whose names begin so; they are dead, or the caller itself. Returns how many rows."""
        held = update(self._table).where(self._columns.leased_by.startswith(holders, autoescape=True))
        return connection().execute(held.values(**RELEASED)).rowcount

    def _free(self, now: datetime) -> ColumnElement[bool]:
        return or_(self._columns.leased_until.is_(None), self._columns.leased_until <= now)

    def count_due(self, at: datetime, now: datetime) -> int:
        """How many rows were due at that time, and are in nobody's hands now; for alarms."""
        statement = select(func.count()).where(self._columns.next_at <= at, self._free(now))
        return connection().execute(statement).scalar_one()

    def _end(self, conditions: Sequence[ColumnElement[bool]], **values: Any) -> None:
        require_change(update(self._table).where(*conditions).values(**values, **RELEASED))


def require_change(statement: Update) -> None:
    """Execute what changes one row. Raises Overtaken when its conditions do not hold any more."""
    if connection().execute(statement).rowcount != 1:
        raise Overtaken
