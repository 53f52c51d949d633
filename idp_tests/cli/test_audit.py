"""`idp audit`: a log that was touched says so."""

import re
import sqlite3

from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna


def with_events(installed: Installation) -> None:
    anna = add_anna(installed)
    installed.done("people", "block", anna)
    installed.done("people", "unblock", anna)
    assert installed.done("audit", "seal") == "2 events chained\n"


def test_an_untouched_log_verifies_with_a_head_to_keep(installed: Installation) -> None:
    with_events(installed)
    assert re.fullmatch(r"2 events are chained, 0 not yet; head [0-9a-f]{64}\n", installed.done("audit", "verify"))


def test_a_changed_event_is_found(installed: Installation) -> None:
    with_events(installed)
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("UPDATE audit SET facts = '{}' WHERE event = 'person.blocked'")
    database.close()
    result = installed.run("audit", "verify")
    assert result.exit_code == 2
    assert result.stderr == "BROKEN at 1: changed\n"
