"""One target for all random requests, on each kind of database: one of them chokes on what the other swallows."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from idp.adapters.database import migrations
from idp_tests.attacks.target import Target, add_clients, running_target
from idp_tests.databases import EACH_DATABASE, open_engine
from idp_tests.provider import SETTINGS, run_provider


@pytest.fixture(scope="module", params=EACH_DATABASE)
def target(
    request: pytest.FixtureRequest, provider_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """A provider with a client of every kind."""
    directory = tmp_path_factory.mktemp("fuzz") / "provider"
    if request.param == "sqlite":
        with running_target(directory, provider_files, request.getfixturevalue("sqlite_template")) as running:
            yield running
        return
    shutil.copytree(provider_files, directory)
    add_clients(directory)
    url = request.getfixturevalue("postgres_server").create_database("fuzz")
    engine = open_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=url), encoding="utf-8")
    with closing(sqlite3.connect(":memory:")) as nothing:  # rows are not looked at here
        for provider in run_provider(directory):
            yield Target(provider=provider, eye=nothing)
