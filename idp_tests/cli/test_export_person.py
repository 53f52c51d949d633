"""`idp people export`: for the person who asks, in a file that nobody else reads."""

import json
import stat
from pathlib import Path

import pytest

from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import PERSONAL_NUMBER, add_anna, add_own_firm


@pytest.fixture
def anna(installed: Installation) -> str:
    return add_anna(installed)


def test_the_json_has_everything_and_is_for_the_owner_alone(installed: Installation, anna: str, tmp_path: Path) -> None:
    add_own_firm(installed)
    file = tmp_path / "anna.json"
    shown = installed.done("people", "export", anna, str(file), "--case", "C-1")
    told = json.loads(file.read_text())
    assert shown.endswith(f"records about {anna}\n")
    assert PERSONAL_NUMBER not in shown
    assert told["tables"]["identities"][0]["key_encrypted"] == PERSONAL_NUMBER
    assert told["tables"]["customers"][0]["name"] == "Öbergs Rör"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "person.exported  case_id=C-1" in installed.done("audit", "show", anna)


def test_the_page_is_swedish_and_readable(installed: Installation, anna: str, tmp_path: Path) -> None:
    file = tmp_path / "anna.html"
    installed.done("people", "export", anna, str(file), "--case", "C-1")
    page = file.read_text()
    for words in ("Dina personuppgifter", "Anna Maria Öberg", "anna@example.se", PERSONAL_NUMBER, "10012345"):
        assert words in page


def test_a_file_that_is_there_is_not_written_over(installed: Installation, anna: str, tmp_path: Path) -> None:
    file = tmp_path / "anna.json"
    file.write_text("mine")
    assert installed.run("people", "export", anna, str(file), "--case", "C-1").exit_code == 2
    assert file.read_text() == "mine"


def test_nobody_and_other_endings_are_refused(installed: Installation, anna: str, tmp_path: Path) -> None:
    nobody = installed.run("people", "export", "nobody", str(tmp_path / "x.json"), "--case", "C-1")
    assert "no such person" in nobody.stderr
    assert ".html" in installed.run("people", "export", anna, str(tmp_path / "x.txt"), "--case", "C-1").stderr
    assert list(tmp_path.glob("x.*")) == []
