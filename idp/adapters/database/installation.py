"""The database as its operator meets it: where it is, whether its schema is current, and how its clock and limits stand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from idp.adapters.database import migrations
from idp.adapters.database.engine import Database, connection, database
from idp.misconfiguration import Misconfiguration


class SchemaProblem(Misconfiguration):
    """The database has not the schema that this program needs."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One database."""

    database: Database

    @property
    def address(self) -> str:
        """Where the database is, without its password."""
        with self._engine() as engine:
            return engine.url.render_as_string(hide_password=True)

    def schema(self) -> migrations.Status:
        """The schema's version there and the one this program needs; nothing is made."""
        with self._engine() as engine:
            if _is_missing(engine):
                return migrations.Status(current=None, head=migrations.head())
            return migrations.status(engine)

    def serves_this_program(self) -> bool:
        """Whether this program works on the schema; for readiness. Raises one of the database's outages when it is gone."""
        return self.schema().serves_this_program

    def require_schema(self) -> None:
        """Raise SchemaProblem unless this program works on the schema."""
        with self._engine() as engine:
            missing = _is_missing(engine)
        if missing:
            raise SchemaProblem(f"database.url: {self.address} does not exist; run `idp db upgrade`")
        found = self.schema()
        if found.serves_this_program:
            return
        if found.is_newer:
            raise self._too_new(found)
        raise SchemaProblem(
            f"database.url: {self.address} has schema {found.current or 'none'} and {found.head} is needed; "
            "run `idp db upgrade`"
        )

    def upgrade(self) -> None:
        """Bring the schema up to date; again is nothing, and so is a newer one that serves this program.

        Raises SchemaProblem for one that is too new.
        """
        found = self.schema()
        if found.serves_old:
            return
        if found.is_newer:
            raise self._too_new(found)
        with self._engine() as engine:
            migrations.upgrade(engine)

    def _too_new(self, found: migrations.Status) -> SchemaProblem:
        return SchemaProblem(
            f"database.url: {self.address} has schema {found.current}, which a newer program made; this one knows "
            f"{found.head}: install the newer one, or restore the backup from before its upgrade"
        )

    def clock(self) -> datetime | None:
        """The database server's own time; None for a file, which has none."""
        with self._engine() as engine:
            if _is_file(engine):
                return None
            seconds = connection().exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one()
            return datetime.fromtimestamp(float(seconds), tz=UTC)

    def connection_limit(self) -> int | None:
        """How many connections the server grants to everybody together; None for a file, which one node alone may use."""
        with self._engine() as engine:
            if _is_file(engine):
                return None
            return int(connection().exec_driver_sql("SELECT current_setting('max_connections')").scalar_one())

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        with self.database.opened():
            yield database.engine


def _is_missing(engine: Engine) -> bool:
    """True when the database is a file that is not there: opening it would make an empty one."""
    return _is_file(engine) and not Path(str(engine.url.database)).exists()


def _is_file(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite" and engine.url.database not in {None, "", ":memory:"}
