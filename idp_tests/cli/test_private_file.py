"""A private file: only its owner reads it, whatever was there before."""

from pathlib import Path

import pytest

from idp.cli.private_file import private_file
from idp.cli.problems import Problem


def test_it_is_readable_for_its_owner_alone_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_text("longer than what comes", encoding="utf-8")
    path.chmod(0o644)
    with private_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="absent"), private_file(tmp_path / "absent" / "export"):
        pass
