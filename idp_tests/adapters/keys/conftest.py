"""A directory with every key and secret, made once and copied for each test."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idp.adapters.keys.changes import KeyDirectory
from idp.adapters.keys.files import load_keys

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made") / "keys"
    KeyDirectory(directory).init(NOW)
    return directory


@pytest.fixture
def directory(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_once, tmp_path / "keys"))


def active(directory: Path, alg: str = "ES256") -> str:
    return load_keys(directory, lambda: NOW).keyring.signer(alg, NOW).kid
