"""Inserts that may meet an existing row, spelled alike for SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, RowMapping, SelectBase, Table, TextClause, bindparam, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from idp.adapters.database.engine import connection, is_sqlite
from idp.adapters.database.prepared import Prepared

_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def insert_new(
    table: Table, row: Mapping[str, Any], *, index: Sequence[str] | None = None, where: TextClause | None = None
) -> bool:
    """Insert unless a row with the same key is there; True when it was not. Waits for a rival that has not committed."""
    key = list(table.primary_key)
    statement = _dialect().insert(table).values(**row)
    settled = statement.on_conflict_do_nothing(index_elements=index or key, index_where=where).returning(*key)
    return connection().execute(settled).first() is not None


class InsertNew:
    """`insert_new`, prepared: for the rows that hot paths write."""

    def __init__(self, table: Table) -> None:
        key: list[ColumnElement[Any]] = list(table.primary_key)
        values: dict[str, Any] = {column.name: bindparam(column.name) for column in table.columns}
        self._by_dialect = {
            name: Prepared(
                dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=key).returning(*key),
                gives=key,
            )
            for name, dialect in _DIALECTS.items()
        }

    def __call__(self, row: Mapping[str, Any]) -> bool:
        """Insert a whole row unless one with the same key is there; True when it was not."""
        return self._by_dialect["sqlite" if is_sqlite() else "postgresql"].one(row) is not None


def insert_or_find(
    table: Table, row: Mapping[str, Any], *, index: Sequence[str], where: TextClause, given: ColumnElement[bool]
) -> RowMapping | None:
    """Insert, or find the row with the same key as it is; the row. Waits for a rival that has not committed.

    `given` is what must be true of another table meanwhile; its rows are locked, and without any there is None.
    """
    values = [literal(value, table.c[name].type) for name, value in row.items()]
    statement = _dialect().insert(table).from_select(list(row), select(*values).where(given).with_for_update())
    unchanged = {name: table.c[name] for name in index}
    settled = statement.on_conflict_do_update(index_elements=index, index_where=where, set_=unchanged)
    return connection().execute(settled.returning(*table.c)).mappings().one_or_none()


def insert_or_count(
    table: Table, row: Mapping[str, Any], *, index: Sequence[str], counted: str, replaced: Sequence[str]
) -> RowMapping:
    """Insert, or add one to a column of the row with the same key and replace others; the row. Waits for a rival."""
    statement = _dialect().insert(table).values(**row)
    changed = {counted: table.c[counted] + 1, **{name: statement.excluded[name] for name in replaced}}
    settled = statement.on_conflict_do_update(index_elements=list(index), set_=changed).returning(*table.c)
    found: RowMapping = connection().execute(settled).mappings().one()
    return found


def upsert(
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    replaced: Sequence[str],
) -> None:
    """Insert rows, or replace these columns of those that are there."""
    if rows:
        statement = _dialect().insert(table)
        values = {name: statement.excluded[name] for name in replaced}
        settled = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)
        connection().execute(settled, [dict(row) for row in rows])


def upsert_if(
    table: Table, rows: SelectBase, names: Sequence[str], *, replaced: Mapping[str, Any], where: ColumnElement[bool]
) -> Executable:
    """Insert rows, or change those that are there where they meet a condition; gives those that were inserted or changed.

    The statement, for the database of the present connection, to be kept and executed: rows are locked in their order.
    """
    statement = _dialect().insert(table).from_select(list(names), rows)
    settled: Executable = statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_=dict(replaced), where=where
    ).returning(*table.c)
    return settled


def _dialect() -> Any:
    return _DIALECTS[connection().dialect.name]
