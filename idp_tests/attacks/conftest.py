"""One target per file: hundreds of blows share it, since none of them may leave a trace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idp_tests.attacks.target import Target, running_target


@pytest.fixture(scope="module")
def target(provider_files: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A provider on SQLite with a client of every kind."""
    directory = tmp_path_factory.mktemp("target") / "provider"
    with running_target(directory, provider_files, sqlite_template) as running:
        yield running
