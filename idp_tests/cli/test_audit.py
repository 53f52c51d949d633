"""`idp audit`: a log that was touched says so."""

import re
import sqlite3

import pytest
from click.testing import Result

from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna


def with_events(installed: Installation) -> None:
    anna = add_anna(installed)
    installed.done("people", "block", anna)
    installed.done("people", "unblock", anna)
    assert installed.done("audit", "seal") == "2 events chained\n"


def test_an_untouched_log_verifies_with_a_head_to_keep(installed: Installation) -> None:
    with_events(installed)
    assert re.fullmatch(r"2 events are chained, 0 not yet; head [0-9a-f]{66}\n", installed.done("audit", "verify"))


def tamper(installed: Installation, *statements: str) -> Result:
    """Do something in the database that only its owner can, and verify."""
    with sqlite3.connect(installed.directory / "idp.db") as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return installed.run("audit", "verify")


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE audit SET facts = '{}' WHERE event = 'person.blocked'"], "BROKEN at 1, row "),
        (["DELETE FROM audit_seals WHERE position = 2", "DELETE FROM audit"], "BROKEN at 1, row "),
        (["DELETE FROM audit_seals WHERE position = 2"], "BROKEN at 2: rows are missing at the end of the log"),
        (["DELETE FROM audit_seals", "DELETE FROM audit"], "BROKEN at 1: rows are missing at the end of the log"),
        (["DELETE FROM audit_seals", "DELETE FROM audit", "DELETE FROM audit_ends"], "BROKEN at its ends: the signed"),
    ],
)
def test_what_was_done_to_the_log_is_told_with_its_place_and_what_to_do(
    installed: Installation, statements: list[str], said: str
) -> None:
    with_events(installed)
    result = tamper(installed, *statements)
    assert result.exit_code == 2
    assert result.stderr.startswith(said)
    assert result.stderr.splitlines()[-1].startswith("Copy the database")
