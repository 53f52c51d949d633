"""One target per file: hundreds of blows share it, since none of them may leave a trace."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.adapters.database import migrations
from idp_tests.attacks.target import Target, running_target
from idp_tests.databases import open_engine
from idp_tests.provider import SETTINGS, Provider, run_provider

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def target(provider_files: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A provider on SQLite with a client of every kind."""
    directory = tmp_path_factory.mktemp("target") / "provider"
    with running_target(directory, provider_files, sqlite_template) as running:
        yield running


@pytest.fixture(scope="module")
def settings_file(
    request: pytest.FixtureRequest,
    database_kind: str,
    provider_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The settings of one provider per kind of database, for files whose tests may share their people."""
    directory = tmp_path_factory.mktemp("crowd") / "provider"
    shutil.copytree(provider_files, directory)
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), directory / "idp.db")
        url = f"sqlite:///{directory / 'idp.db'}"
    else:
        name = f"crowd_{next(_numbers)}"
        url = request.getfixturevalue("postgres_server").create_database(name)
        engine = open_engine(url)
        migrations.upgrade(engine)
        engine.dispose()
    (directory / "idp.toml").write_text(SETTINGS.format(database_url=url), encoding="utf-8")
    return directory / "idp.toml"


@pytest.fixture(scope="module")
def crowd(settings_file: Path) -> Iterator[Provider]:
    """One provider for a whole file."""
    yield from run_provider(settings_file.parent)
