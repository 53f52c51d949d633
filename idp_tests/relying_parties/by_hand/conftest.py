"""The world for relying parties that are run by hand, because what they install is large or slow."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from idp_tests.relying_parties.conftest import Parties, running_parties

RUNNING_HERE = ("parking", "depot", "ferry", "lounge", "fleet", "partners")
CACHE = Path(__file__).resolve().parents[3] / ".var" / "by-hand"
"""What the package registries gave, kept for the next run."""


@pytest.fixture(scope="session")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parties]:
    with running_parties(tmp_path_factory.mktemp("by-hand"), RUNNING_HERE) as found:
        yield found


def need(program: str) -> str:
    """The path of a program, or a skip that names it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def install(name: str, *commands: Sequence[str], environment: dict[str, str] | None = None) -> Path:
    """Run commands in a kept directory, and return it."""
    directory = CACHE / name
    directory.mkdir(parents=True, exist_ok=True)
    for command in commands:
        done = subprocess.run(
            command, cwd=directory, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return directory


def port_of(address: str) -> str:
    return address.rpartition(":")[2]
