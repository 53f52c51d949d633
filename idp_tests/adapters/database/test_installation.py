"""The database as its operator meets it: an older schema, a newer one that still serves us, and one that does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp import settings
from idp.adapters.database import migrations
from idp.adapters.database.engine import Database, connection, unit_of_work
from idp.adapters.database.installation import Installation, SchemaProblem

HEAD = migrations.head()


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    database = Database(settings.Database(url=database_url))
    yield Installation(database)
    database.close()


def change(app: Flask, schema: str | None, *, oldest: str | None = None) -> None:
    """Make the database one that another program has left."""
    with unit_of_work(app):
        connection().exec_driver_sql("DELETE FROM alembic_version")
        connection().exec_driver_sql("DELETE FROM supported_programs")
        if schema is not None:
            connection().exec_driver_sql(f"INSERT INTO alembic_version (version_num) VALUES ('{schema}')")
        if oldest is not None:
            connection().exec_driver_sql(f"INSERT INTO supported_programs VALUES ('{schema}', '{oldest}')")


@pytest.fixture
def restored(database_app: Flask) -> Iterator[Flask]:
    """PostgreSQL's database is every test's."""
    yield database_app
    change(database_app, HEAD, oldest=migrations._oldest_programs()[HEAD])


def test_an_upgraded_database_serves_this_program(installation: Installation) -> None:
    installation.require_schema()
    assert installation.serves_this_program()


def test_an_older_database_is_refused_with_the_command_that_mends_it(
    installation: Installation, restored: Flask
) -> None:
    change(restored, None)
    assert not installation.serves_this_program()
    with pytest.raises(SchemaProblem, match=r"has schema none and .* is needed; run `idp db upgrade`"):
        installation.require_schema()


@pytest.mark.parametrize("oldest", [None, "9998"])
def test_a_database_of_a_much_newer_program_is_refused_and_not_upgraded(
    installation: Installation, restored: Flask, oldest: str | None
) -> None:
    change(restored, "9999", oldest=oldest)
    assert not installation.serves_this_program()
    for demand in (installation.require_schema, installation.upgrade):
        with pytest.raises(SchemaProblem, match="9999, which a newer program made") as refused:
            demand()
        assert "db upgrade" not in str(refused.value)


def test_a_database_of_the_next_program_serves_this_one_while_nodes_are_replaced(
    installation: Installation, restored: Flask
) -> None:
    change(restored, "9999", oldest=HEAD)
    installation.require_schema()
    assert installation.serves_this_program()
    assert installation.schema().is_newer
    installation.upgrade()
    assert installation.schema().current == "9999"


def test_a_database_that_is_no_file_yet_is_not_made_by_asking(tmp_path: Path) -> None:
    installation = Installation(Database(settings.Database(url=f"sqlite:///{tmp_path / 'new.db'}")))
    assert not installation.serves_this_program()
    with pytest.raises(SchemaProblem, match="does not exist"):
        installation.require_schema()
    assert list(tmp_path.iterdir()) == []
