"""`idp audit`: a log that was touched says so."""

import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import Result

from idp.assembly.jobs import make_anchoring
from idp.assembly.provider import assemble
from idp.settings_file import load_settings
from idp_tests.audit_reader import read_export
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna


def with_events(installed: Installation) -> None:
    anna = add_anna(installed)
    installed.done("people", "block", anna)
    installed.done("people", "unblock", anna)
    assert installed.done("audit", "seal") == "0 events chained\n"  # a command seals its own


def test_an_untouched_log_verifies_with_a_head_to_keep(installed: Installation) -> None:
    with_events(installed)
    assert re.fullmatch(
        r"2 events are chained, 0 not yet; 0 anchors fit; head [0-9a-f]{66}\n", installed.done("audit", "verify")
    )


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


def anchored(installed: Installation) -> Path:
    """A log whose end was anchored."""
    installed.change("[mail]", '[audit]\nanchor_file = "anchors.jsonl"\n[mail]')
    with_events(installed)
    provider = assemble(load_settings(installed.settings))
    assert make_anchoring(provider).beat()
    provider.close()
    return installed.directory / "anchors.jsonl"


def test_an_anchor_is_compared_and_tells_of_an_older_backup(installed: Installation) -> None:
    before = (installed.directory / "idp.db").read_bytes()
    anchored(installed)
    assert "; 1 anchors fit;" in installed.done("audit", "verify")
    for beside in installed.directory.glob("idp.db*"):
        beside.unlink()
    (installed.directory / "idp.db").write_bytes(before)
    result = installed.run("audit", "verify")
    assert result.exit_code == 2
    assert result.stderr.startswith("BROKEN at 2: an anchor says that the log was longer")


def test_a_line_of_the_anchors_that_is_not_ours_and_a_file_that_is_not_there_are_told(installed: Installation) -> None:
    path = anchored(installed)
    path.write_text(path.read_text(encoding="utf-8") + "{}\n", encoding="utf-8")
    result = installed.run("audit", "verify")
    assert result.exit_code == 2
    assert result.stderr.startswith("BROKEN at line 2 of the anchors: this provider did not sign it")
    result = installed.run("audit", "verify", "--anchors", "absent.jsonl")
    assert result.exit_code == 2
    assert "absent.jsonl: No such file" in result.stderr


def test_an_export_is_signed_by_the_key_that_the_auditor_was_told(installed: Installation) -> None:
    with_events(installed)
    file = installed.directory / "export.jsonl"
    key = installed.done("audit", "key").strip()
    assert installed.done("audit", "export", str(file)) == f"2 events written to {file}, signed by the key {key}\n"
    rows = read_export(file.read_bytes(), key)
    assert [row["event"] for row in rows] == ["person.blocked", "person.unblocked"]


def test_an_export_of_a_changed_log_says_so(installed: Installation) -> None:
    with_events(installed)
    tamper(installed, "UPDATE audit SET facts = 'no JSON' WHERE event = 'person.blocked'")
    file = installed.directory / "export.jsonl"
    assert installed.run("audit", "export", str(file)).exit_code == 2
    with pytest.raises(ValueError, match="not as it was written"):
        read_export(file.read_bytes(), installed.done("audit", "key").strip())


def test_after_an_incident_a_new_chain_begins_by_a_case_and_only_then(installed: Installation) -> None:
    anchored(installed)
    assert (
        installed.run("audit", "begin-again", "--case", "7").stderr
        == "the audit log is as it was written; nothing was done\n"
    )
    tamper(installed, "UPDATE audit SET facts = '{}' WHERE event = 'person.blocked'")
    said = installed.done("audit", "begin-again", "--case", "7")
    assert said == "a new chain of 1 events begins after position 2; 1 rows were deleted\n"
    assert installed.done("audit", "verify").startswith("2 events are chained, 0 not yet; 0 anchors fit;")
