"""`idp db`: the schema is made once, and a database that is not current is refused with the remedy."""

import sqlite3
import stat
import subprocess
import sys

from idp_tests.cli.installation import Installation


def test_a_new_database_is_made_and_then_left_alone(fresh: Installation) -> None:
    assert "went from nothing to" in fresh.done("db", "upgrade")
    assert "is up to date at" in fresh.done("db", "upgrade")
    assert "is up to date at" in fresh.done("db", "status")


def test_the_database_file_lies_beside_the_settings(fresh: Installation) -> None:
    fresh.done("db", "upgrade")
    assert (fresh.directory / "idp.db").exists()


def test_asking_for_the_status_makes_no_database(fresh: Installation) -> None:
    result = fresh.run("db", "status")
    assert result.exit_code == 2
    assert "does not exist; run `idp db upgrade`" in result.stderr
    assert not (fresh.directory / "idp.db").exists()


def test_an_older_schema_is_refused_with_both_versions(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("DELETE FROM alembic_version")
    database.close()
    result = installed.run("people", "find", "x")
    assert result.exit_code == 2
    assert "has schema none and 0001 is needed" in result.stderr
    assert "run `idp db upgrade`" in result.stderr


def test_what_the_command_writes_is_for_its_account_alone(fresh: Installation) -> None:
    """Company names stand in the database in clear, and letters hold links that confirm."""
    whole = [sys.executable, "-m", "idp", "--config", str(fresh.settings), "db", "upgrade"]
    subprocess.run(whole, check=True, capture_output=True, umask=0o022)
    assert stat.S_IMODE((fresh.directory / "idp.db").stat().st_mode) == 0o600


def make_newer(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def test_a_database_newer_than_the_program_is_refused_in_words_by_every_command(installed: Installation) -> None:
    make_newer(installed)
    for words in (("db", "upgrade"), ("db", "status"), ("people", "find", "x"), ("serve",)):
        result = installed.run(*words)
        assert result.exit_code == 2, words
        assert "has schema 9999, which a newer program made" in result.stderr
        assert "idp db upgrade" not in result.stderr
