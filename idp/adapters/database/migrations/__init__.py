"""How the schema grows: versions that run forward only, the same on SQLite and PostgreSQL, one process at a time.

A version is written for rolling upgrades: while it runs and after it, nodes of the release before still work on the schema.
So a release *expands*: it adds tables, indexes and columns that are nullable or have a default, and its program reads what
both releases write. The next release *contracts*: it fills or removes what no running program reads any more. A column is
never renamed, and never gets another meaning. A released version is never edited; until the first release that is `v0001`.

Each version says in `oldest_program` which program still works on it, by the version that the program ends with. The database
keeps that word, so that a program meeting a version which it does not know can tell the next release from a later one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, delete, insert, select

from idp.adapters.database.tables import supported_programs

_HERE = Path(__file__).parent
_ADVISORY_LOCK = 0x69647020
"""PostgreSQL's name of our turn to migrate: any number that no other program on the database uses."""


@dataclass(frozen=True, slots=True)
class Status:
    """The schema's version in the database and the one this program needs; `current` is None in an empty database."""

    current: str | None
    head: str
    is_newer: bool = False
    """This program does not know the version: a later one made it."""
    serves_old: bool = False
    """It is newer, and its maker says that this program works on it all the same."""

    @property
    def is_current(self) -> bool:
        return self.current == self.head

    @property
    def serves_this_program(self) -> bool:
        return self.is_current or self.serves_old


def upgrade(engine: Engine) -> None:
    """Bring the schema up to this program's version; all of it or nothing, and again is nothing."""
    with engine.connect() as connection:
        _take_turn(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _note_oldest_program(connection)
        connection.commit()


def status(engine: Engine) -> Status:
    """Compare the database with this program."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is None or current in _oldest_programs():
            return Status(current=current, head=head())
        oldest = select(supported_programs.c.oldest_program).where(supported_programs.c.schema == current)
        says = connection.execute(oldest).scalar_one_or_none()
        return Status(current=current, head=head(), is_newer=True, serves_old=says in _oldest_programs())


def head() -> str:
    """The version that this program needs."""
    return next(iter(_oldest_programs()))


@cache
def _oldest_programs() -> Mapping[str, str]:
    """Every version that this program knows, the newest first, and which program still works on it."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return {script.revision: script.module.oldest_program for script in scripts}


def _note_oldest_program(connection: Connection) -> None:
    connection.execute(delete(supported_programs))
    connection.execute(insert(supported_programs), {"schema": head(), "oldest_program": _oldest_programs()[head()]})


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
