"""Prepared statements for the hot paths: compiled once per process, run on the driver's own connection.

SQLAlchemy writes the SQL and converts the values; its machinery per execution, which costs more than the databases' own
work, is passed over. Such a statement takes part in the present unit of work like any other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Executable, Label
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from idp.adapters.database.engine import driver_connection
from idp.adapters.database.postgres_statements import PreparingConnection

_Convert = Callable[[Any], Any]


def labelled(*columns: ColumnElement[Any]) -> tuple[Label[Any], ...]:
    """Columns named `table_column`, so that rows of joined tables are read by name."""
    return tuple(column.label(f"{column.table.name}_{column.name}") for column in columns)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for one kind of database, and how values go in and out of it."""

    sql: str
    constants: Mapping[str, Any]
    binds: tuple[tuple[str, _Convert | None], ...]
    """In their places."""
    results: tuple[tuple[str, _Convert | None], ...]


class Prepared:
    """A statement whose changing values are all bind parameters, and the columns that it gives."""

    def __init__(self, statement: Executable, gives: Sequence[ColumnElement[Any]] = (), *, alone: bool = False) -> None:
        """`alone`: a write that is a whole act; where none came before it, it is committed by itself, and stays."""
        self._statement = statement
        self._gives = tuple(gives)
        self._alone = alone
        self._begins = not (alone or statement.is_select)
        self._compiled: dict[str, _Compiled] = {}

    def one(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Run it; the row by its columns' names, or None when there is none. At most one row may come."""
        rows = self.run(values)
        if not rows:
            return None
        [row] = rows
        return row

    def run(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run it and give every row."""
        raw, dialect = driver_connection(writes=self._begins)
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        given = {**compiled.constants, **values}
        bound = [given[name] if convert is None else convert(given[name]) for name, convert in compiled.binds]
        return [
            {
                name: value if convert is None or value is None else convert(value)
                for (name, convert), value in zip(compiled.results, row, strict=True)
            }
            for row in self._rows(raw, compiled.sql, bound)
        ]

    def _rows(self, raw: Any, sql: str, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        if isinstance(raw, PreparingConnection):
            return raw.run_prepared(sql, values)
        ends_here = self._alone and not raw.in_transaction
        rows: Sequence[tuple[Any, ...]] = raw.execute(sql, values).fetchall()
        if ends_here:
            raw.commit()  # SQLite's driver has begun by itself, and nobody else writes until that ends
        return rows

    def __str__(self) -> str:
        return str(self._statement)

    def _compile(self, dialect: Dialect) -> _Compiled:
        assert isinstance(self._statement, ClauseElement)  # noqa: S101 - every executable that we build is one
        form: Any = self._statement.compile(dialect=_by_position(dialect))
        types = {name: bind.type for bind, name in form.bind_names.items()}
        compiled = _Compiled(
            sql=str(form),
            constants={name: value for name, value in form.params.items() if value is not None},
            binds=tuple(
                (name, _implementation(types[name], dialect).bind_processor(dialect)) for name in form.positiontup or ()
            ),
            results=tuple(
                (column.name, _implementation(column.type, dialect).result_processor(dialect, None))
                for column in self._gives
            ),
        )
        self._compiled[dialect.name] = compiled
        return compiled


def _by_position(dialect: Dialect) -> Dialect:
    """PostgreSQL's own spelling of parameters, for its driver's would need a second reading at every run."""
    kind: Callable[..., Dialect] = type(dialect)
    return kind(paramstyle="qmark" if dialect.name == "sqlite" else "numeric_dollar")


def _implementation(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
