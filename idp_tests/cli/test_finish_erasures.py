"""`idp people finish-erasures`: the restored rows of who was erased are no person, and the same BankID may come back."""

import sqlite3

import pytest

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna


@pytest.fixture
def restored(installed: Installation) -> str:
    """Anna, as a dump from before her erasure has her, beside the newest keys."""
    anna = add_anna(installed)
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("DELETE FROM person_keys")
    database.close()
    return anna


def test_who_has_no_key_is_erased_once_more(installed: Installation, restored: str) -> None:
    shown = installed.done("people", "finish-erasures", "--case", "C-1", typed="y\n")
    assert "1 people have no key" in shown
    assert "erased: 1" in shown
    assert "person.erased" in installed.done("audit", "show", restored)
    assert add_anna(installed) != restored


def test_without_a_yes_nothing_happens(installed: Installation, restored: str) -> None:
    assert installed.run("people", "finish-erasures", "--case", "C-1", typed="n\n").exit_code == 1
    assert findings(installed)["erasures"].grade is Grade.FAIL
    assert "person.erased" not in installed.done("audit", "show", restored)


def test_when_everybody_has_a_key_nothing_is_asked(installed: Installation) -> None:
    add_anna(installed)
    assert installed.done("people", "finish-erasures", "--case", "C-1").startswith("0 people have no key")
    assert findings(installed)["erasures"].grade is Grade.OK
