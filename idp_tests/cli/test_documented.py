"""The commands that developers of relying parties read in our documents run as they are written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from idp_tests.cli.installation import Installation
from idp_tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "config/clients/GUIDE.md")
PROGRAM = ".venv/bin/python -m idp --config .var/idp/idp.toml "
"""As after `./dev up`, which makes both."""


def commands(document: str) -> list[str]:
    """Every `… -m idp …` between backticks or on its own line, line breaks within it made spaces."""
    text = (ROOT / document).read_text(encoding="utf-8")
    quoted = re.findall(r"`([^`]*python -m idp [^`]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = re.findall(r"(?m)^ *\S*python -m idp .*$", text)
    return [" ".join(command.partition("#")[0].split()) for command in [*quoted, *lines]]


def run(installed: Installation, command: str, typed: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(
        command.replace(".var/idp/", f"{installed.directory}/").replace(".venv/bin/python", sys.executable)
    )
    return subprocess.run(words, input=typed, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_says_which_settings_it_means(document: str) -> None:
    found = commands(document)
    assert found
    assert [command for command in found if " --config " not in command] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_client_is_written_and_explained_as_the_document_says(installed: Installation, document: str) -> None:
    (new,) = (command for command in commands(document) if command.endswith("clients new"))
    (check,) = (command for command in commands(document) if " clients check " in command)
    assert new.startswith(PROGRAM)
    assert check.startswith(PROGRAM)
    made = run(installed, new, "Partner\n\nthird_party\nweb\nhttps://p.example/cb\nsecret\n\n\n\n\n\n")
    assert made.returncode == 0, made.stderr
    file = installed.directory / "clients" / "partner.toml"
    explained = run(installed, check.replace("FILE", str(file)), "")
    assert explained.returncode == 0, explained.stderr
    assert "People are sent back to exactly: https://p.example/cb." in explained.stdout
