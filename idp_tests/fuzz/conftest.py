"""One target for all random requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idp_tests.attacks.target import Target, running_target


@pytest.fixture(scope="module")
def target(provider_files: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A provider on SQLite with a client of every kind."""
    directory = tmp_path_factory.mktemp("fuzz") / "provider"
    with running_target(directory, provider_files, sqlite_template) as running:
        yield running
