"""How the schema grows: versions that run forward only, the same on SQLite and PostgreSQL, one process at a time.

A version is written for rolling upgrades: while it runs and after it, nodes of the release before still work on the schema.
So a release *expands*: it adds tables, indexes and columns that are nullable or have a default, and its program reads what
both releases write. The next release *contracts*: it fills or removes what no running program reads any more. A column is
never renamed, and never gets another meaning. A released version is never edited; until the first release that is `v0001`.
"""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

_HERE = Path(__file__).parent
_ADVISORY_LOCK = 0x69647020
"""PostgreSQL's name of our turn to migrate: any number that no other program on the database uses."""


@dataclass(frozen=True, slots=True)
class Status:
    """The schema's version in the database and the one this program needs; `current` is None in an empty database."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        return self.current == self.head


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a version; all of it or nothing, and again is nothing."""
    with engine.connect() as connection:
        _take_turn(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def status(engine: Engine) -> Status:
    """Compare the database with this program."""
    with engine.connect() as connection:
        return Status(current=MigrationContext.configure(connection).get_current_revision(), head=head())


def head() -> str:
    """The version that this program needs."""
    latest = ScriptDirectory.from_config(_config()).get_current_head()
    if latest is None:
        raise LookupError("no migration is installed")
    return latest


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = '10min'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
