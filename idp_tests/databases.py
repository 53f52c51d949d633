"""Fixtures that give a test an empty, migrated database: SQLite, and with the mark `each_database` PostgreSQL too."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, make_url

from idp import settings
from idp.adapters.database import engine as database_engine
from idp.adapters.database import migrations
from idp.adapters.database.audit import AuditKeys
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import database
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.tables import metadata, supported_programs
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.patience import PATIENCE
from idp_tests.postgres import PostgresMissingError, PostgresServer, running_postgres

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_cipher(keys: Mapping[int, bytes]) -> FieldCipher:
    """The highest key encrypts."""
    versions = _versions(keys)
    return FieldCipher(lambda: versions)


def a_pepper(keys: Mapping[int, bytes]) -> Pepper:
    """The highest key makes the hashes to store."""
    versions = _versions(keys)
    return Pepper(lambda: versions)


def _versions(keys: Mapping[int, bytes]) -> list[SecretKey]:
    return [SecretKey(version=version, value=keys[version]) for version in sorted(keys, reverse=True)]


def audit_keys(keys: Mapping[int, bytes]) -> AuditKeys:
    """The highest key makes the marks."""
    versions = _versions(keys)
    return AuditKeys(lambda: versions)


CIPHER = a_cipher({1: bytes(range(32))})
PEPPER = a_pepper({1: bytes(range(32, 64))})
AUDIT_KEYS = audit_keys({1: bytes(range(64, 96))})


def be_patient() -> None:
    """Let a statement wait as long as a test does: fifty threads on a busy machine are no outage."""
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    database_engine.BUSY_SECONDS = int(PATIENCE)
    database_engine.DEADLINE_SECONDS = int(PATIENCE)
    database_engine._POSTGRES_OPTIONS = " ".join(f"-c {limit}={PATIENCE:.0f}s" for limit in limits)


@pytest.fixture(scope="session", autouse=True)
def _patient_databases() -> Iterator[None]:
    limits = database_engine.BUSY_SECONDS, database_engine.DEADLINE_SECONDS, database_engine._POSTGRES_OPTIONS
    be_patient()
    yield
    database_engine.BUSY_SECONDS, database_engine.DEADLINE_SECONDS, database_engine._POSTGRES_OPTIONS = limits


def open_engine(url: str) -> Engine:
    """An engine with the product's rules, outside of any application."""
    engine = create_engine(url, **database_engine.engine_options(make_url(url), 4))
    database_engine.listen(engine)
    return engine


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> str:
    """The address of a migrated database, the same for every test of this process."""
    url = postgres_server.create_database("idp_tests")
    engine = open_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that nobody uses, for copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "idp.db")
    return f"sqlite:///{tmp_path / 'idp.db'}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_database: str) -> str:
    """The same, as it was after its migration: another database would cost each test a tenth of a second and 8 MB."""
    emptied = [table for table in reversed(metadata.sorted_tables) if table is not supported_programs]
    with postgres_server.connect("idp_tests") as connection:
        connection.execute("; ".join(f'DELETE FROM "{table.name}"' for table in emptied))
    return postgres_database


EACH_DATABASE = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once per kind of database where it, or its module, is marked so."""
    if "database_kind" in metafunc.fixturenames and metafunc.definition.get_closest_marker("each_database"):
        metafunc.parametrize("database_kind", EACH_DATABASE, scope="module")


@pytest.fixture(scope="module")
def database_kind() -> str:
    """SQLite, unless a test says that the dialect can matter to it."""
    return "sqlite"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """The address of an empty, migrated database."""
    return str(request.getfixturevalue(f"{database_kind}_url"))


@pytest.fixture
def database_app(database_url: str) -> Iterator[Flask]:
    """A bare application on the database, for `app.app_context()` and `unit_of_work()`."""
    yield from _disposed(bare_app(database_url))


@pytest.fixture
def sqlite_app(sqlite_url: str) -> Iterator[Flask]:
    """The same on SQLite only, for what PostgreSQL does otherwise."""
    yield from _disposed(bare_app(sqlite_url))


@pytest.fixture
def postgres_app(postgres_url: str) -> Iterator[Flask]:
    """The same on PostgreSQL only."""
    yield from _disposed(bare_app(postgres_url))


def _disposed(app: Flask) -> Iterator[Flask]:
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def database_context(database_app: Flask) -> Iterator[Flask]:
    """The same application with its context pushed: repositories may be called."""
    with database_app.app_context():
        yield database_app


def bare_app(url: str, *, pool_size: int = 60) -> Flask:
    """An application that has a database and nothing else."""
    app = Flask("idp")
    database_engine.configure(app, settings.Database(url=url, pool_size=pool_size))
    return app


@dataclass(slots=True)
class Statements:
    """What was sent to the database, without the words that begin and end transactions."""

    texts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.texts)

    def forget(self) -> None:
        self.texts.clear()


@pytest.fixture
def statements(database_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    """Counts the statements of `database_app`, prepared ones too."""
    seen = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.texts.append(statement)

    with database_app.app_context():
        engine = database.engine

    def run_and_note(statement: Prepared, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        rows = run(statement, values)
        seen.texts.append(str(statement))
        return rows

    run = Prepared.run
    monkeypatch.setattr(Prepared, "run", run_and_note)
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
