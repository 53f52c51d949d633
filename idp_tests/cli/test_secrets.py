"""`idp secrets`: a version that leaked is driven out, while everybody is still found and every field is read."""

import json
import sqlite3
from datetime import timedelta

import pytest

from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna


@pytest.fixture(autouse=True)
def _in_use_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.core.oidc.keys.rotation.SETTLED", timedelta(0))


def versions(installed: Installation, name: str) -> list[int]:
    content = (installed.directory / "keys" / "secrets" / f"{name}.json").read_text(encoding="utf-8")
    return [each["version"] for each in json.loads(content)["keys"]]


def marks(installed: Installation) -> dict[tuple[str, int], bool]:
    """Whether each version that was noted still has its mark."""
    with sqlite3.connect(installed.directory / "idp.db") as database:
        rows = database.execute("SELECT name, version, length(canary_hash) > 0 FROM secret_canaries").fetchall()
    database.close()
    return {(name, version): bool(has_mark) for name, version, has_mark in rows}


@pytest.mark.parametrize("name", ["fields", "pepper"])
def test_a_version_that_leaked_is_driven_out_and_everybody_is_still_found(installed: Installation, name: str) -> None:
    anna = add_anna(installed)
    before = installed.done("people", "find", "anna@example.se")
    assert "made version 2" in installed.done("secrets", "new", name, "--used-after", "0")
    refused = installed.run("secrets", "retire", name, "1")
    assert refused.exit_code == 2
    assert f"run `idp secrets reencrypt {name}`" in refused.stderr
    assert "fields written again" in installed.done("secrets", "reencrypt", name)
    assert installed.done("secrets", "reencrypt", name) == "0 fields written again\n"
    assert f"version 1 of {name} is gone" in installed.done("secrets", "retire", name, "1")
    assert versions(installed, name) == [2]
    assert (marks(installed)[name, 1], marks(installed)[name, 2]) == (False, True)
    assert installed.done("people", "find", "anna@example.se") == before
    assert anna in before


def test_every_version_is_listed_with_what_hangs_on_it(installed: Installation) -> None:
    add_anna(installed)
    installed.done("secrets", "new", "fields", "--used-after", "60")
    listed = installed.done("secrets", "list")
    lines = [line for line in listed.splitlines() if line.startswith("fields")]
    assert [line.split()[1] for line in lines] == ["2", "1"]
    assert "used from" in lines[0]
    assert lines[1].endswith("in use")
    assert "person_keys.key_encrypted: 1 rows" in listed


def test_a_version_that_is_in_use_or_unknown_is_not_retired(installed: Installation) -> None:
    for version, said in (("1", "is in use"), ("9", "has no version 9")):
        result = installed.run("secrets", "retire", "tokens", version)
        assert result.exit_code == 2
        assert said in result.stderr


def test_nothing_is_written_again_before_the_new_version_is_used_or_where_nothing_can_be(
    installed: Installation,
) -> None:
    installed.done("secrets", "new", "pepper", "--used-after", "60")
    for name, said in (("pepper", "is not used before"), ("audit", "nothing under it can be written again")):
        result = installed.run("secrets", "reencrypt", name)
        assert result.exit_code == 2
        assert said in result.stderr


def test_tries_that_were_counted_are_given_up_by_a_word_alone_and_aloud(installed: Installation) -> None:
    with sqlite3.connect(installed.directory / "idp.db") as database:
        later = 4_000_000_000_000_000
        database.execute(
            "INSERT INTO budgets (key_hash, spent, previous_expires_at, expires_at) VALUES (?, 1, ?, ?)",
            (b"\x01" + bytes(32), later, later),
        )
    database.close()
    installed.done("secrets", "new", "pepper", "--used-after", "0")
    refused = installed.run("secrets", "retire", "pepper", "1")
    assert refused.exit_code == 2
    assert "budgets.key_hash: 1 rows, the last until 2096-10-02" in refused.stderr
    assert "--give-up" in refused.stderr
    result = installed.run("secrets", "retire", "pepper", "1", "--give-up")
    assert result.exit_code == 0
    assert result.stderr.startswith("GIVEN UP: budgets.key_hash: 1 rows")


def test_an_old_audit_secret_stays_as_long_as_what_it_marked(installed: Installation) -> None:
    anna = add_anna(installed)
    installed.done("people", "block", anna)
    installed.done("secrets", "new", "audit", "--used-after", "0")
    installed.done("people", "unblock", anna)
    assert "3 events are chained" in installed.done("audit", "verify")
    refused = installed.run("secrets", "retire", "audit", "1", "--give-up")
    assert refused.exit_code == 2
    assert "they go with the oldest part of the audit log" in refused.stderr
