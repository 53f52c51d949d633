"""The schema's versions, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

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


def test_an_empty_postgres_database_is_upgraded_by_two_at_once(postgres_server: PostgresServer) -> None:
    engine = open_engine(postgres_server.create_database("upgraded_twice"))
    with ThreadPoolExecutor(2) as threads:
        for upgraded in [threads.submit(migrations.upgrade, engine) for _ in range(2)]:
            upgraded.result()

    assert migrations.status(engine).is_current
    engine.dispose()
