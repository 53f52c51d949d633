"""The schema's versions, on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from idp.adapters.database import migrations
from idp.adapters.database.tables import metadata
from idp_tests.databases import open_engine
from idp_tests.postgres import PostgresServer


def _differences(url: str) -> Any:
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)
    engine.dispose()
    return found


def test_the_versions_make_exactly_the_tables(database_url: str) -> None:
    assert _differences(database_url) == []


def _keys_and_indexes(url: str) -> dict[str, Any]:
    engine = open_engine(url)
    seen = inspect(engine)
    found = {
        table: [
            seen.get_pk_constraint(table),
            sorted(seen.get_foreign_keys(table), key=str),
            sorted(seen.get_unique_constraints(table), key=str),
            [_with_condition(index) for index in seen.get_indexes(table)],
        ]
        for table in metadata.tables
    }
    engine.dispose()
    return found


def _with_condition(index: Any) -> tuple[str, Sequence[str], bool, dict[str, str]]:
    conditions = {name: str(value) for name, value in index["dialect_options"].items()}
    return index["name"], index["column_names"], bool(index["unique"]), conditions


def _created(url: str) -> str:
    """The address of an empty database in which the tables were made without any version."""
    engine = open_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()
    return url


def test_the_versions_make_the_same_keys_and_conditions_of_indexes(tmp_path: Path, sqlite_url: str) -> None:
    assert _keys_and_indexes(sqlite_url) == _keys_and_indexes(_created(f"sqlite:///{tmp_path / 'created.db'}"))


@pytest.mark.postgres
def test_and_so_they_do_on_postgres(postgres_server: PostgresServer, postgres_url: str) -> None:
    assert _keys_and_indexes(postgres_url) == _keys_and_indexes(_created(postgres_server.create_database("created")))


def test_an_empty_database_has_no_version_and_an_upgraded_one_is_current(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")

    before = migrations.status(engine)
    migrations.upgrade(engine)
    after = migrations.status(engine)
    engine.dispose()

    assert before.current is None
    assert not before.is_current
    assert after.is_current


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    migrations.upgrade(engine)

    assert migrations.status(engine).is_current
    engine.dispose()


@pytest.mark.postgres
def test_an_empty_postgres_database_is_upgraded_by_two_at_once(postgres_server: PostgresServer) -> None:
    engine = open_engine(postgres_server.create_database("upgraded_twice"))
    with ThreadPoolExecutor(2) as threads:
        for upgraded in [threads.submit(migrations.upgrade, engine) for _ in range(2)]:
            upgraded.result()

    assert migrations.status(engine).is_current
    engine.dispose()


def test_every_version_lets_the_program_before_it_work() -> None:
    """Otherwise nodes could not be replaced one after the other."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert all(script.module.oldest_program == (script.down_revision or script.revision) for script in scripts)
