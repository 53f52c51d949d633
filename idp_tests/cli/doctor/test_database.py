"""The database: another schema is a failure, and nothing that needs the right one is asked."""

import sqlite3
from datetime import timedelta

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import NOW, findings
from idp_tests.cli.installation import Installation


def test_an_older_schema_fails_with_the_command_that_mends_it(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("DELETE FROM alembic_version")
    database.close()
    found = findings(installed)
    assert found["database"].grade is Grade.FAIL
    assert found["database"].remedy == "run `idp db upgrade`"
    assert "connections" not in found


def test_a_newer_schema_is_not_upgraded_but_the_program(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    found = findings(installed)["database"]
    assert (found.grade, "9999" in found.seen) == (Grade.FAIL, True)
    assert found.remedy.startswith("a newer program made it")


def test_a_newer_schema_that_still_serves_us_is_a_warning(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("UPDATE supported_programs SET oldest_program = schema, schema = '9999'")
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert findings(installed)["schema"].grade is Grade.WARN
    assert findings(installed)["database"].grade is Grade.OK


def note_heartbeat(installed: Installation, ago: timedelta) -> None:
    seen_at = int((NOW - ago).timestamp() * 1_000_000)
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("INSERT INTO collector_heartbeats VALUES ('node.a', ?)", [seen_at])
    database.close()


def test_a_collector_that_works_somewhere_is_fine(installed: Installation) -> None:
    note_heartbeat(installed, timedelta(seconds=2))
    assert findings(installed)["BankID collector"].grade is Grade.OK


def test_a_collector_that_was_not_seen_lately_or_ever_is_a_warning_with_the_command_that_mends_it(
    installed: Installation,
) -> None:
    never = findings(installed)["BankID collector"]
    note_heartbeat(installed, timedelta(minutes=2))
    lately = findings(installed)["BankID collector"]
    assert [never.grade, lately.grade] == [Grade.WARN, Grade.WARN]
    assert "none was ever seen" in never.seen
    assert "last seen 120 s ago" in lately.seen
    assert "idp jobs" in lately.remedy
