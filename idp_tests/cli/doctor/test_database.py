"""The database: another schema is a failure, and nothing that needs the right one is asked."""

import sqlite3

from idp.cli.doctor.finding import Grade
from idp_tests.cli.doctor.looking import findings
from idp_tests.cli.installation import Installation


def test_an_older_schema_fails_with_the_command_that_mends_it(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("DELETE FROM alembic_version")
    database.close()
    found = findings(installed)
    assert found["database"].grade is Grade.FAIL
    assert found["database"].remedy == "run `idp db upgrade`"
    assert "connections" not in found
