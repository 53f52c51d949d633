"""`idp doctor`: one line per thing, the remedy beside what is wrong, exit code 2 on FAIL."""

import json
import re

from idp_tests.cli.installation import Installation


def test_bankid_out_of_reach_is_a_failure_with_exit_code_two(installed: Installation) -> None:
    result = installed.run("doctor")
    assert result.exit_code == 2
    assert re.search(r"(?m)^FAIL  BankID: localhost:1: .+  → check the network", result.stdout)


def test_every_line_has_a_grade_and_a_failure_has_what_was_seen(installed: Installation) -> None:
    for line in installed.run("doctor").stdout.splitlines():
        assert re.fullmatch(r"(OK|WARN|FAIL) +[^:]+: \S.*", line)


def test_the_same_as_json_for_machines(installed: Installation) -> None:
    found = json.loads(installed.run("doctor", "--json").stdout)
    assert {entry["grade"] for entry in found} >= {"OK", "FAIL"}
    assert all(entry.keys() == {"grade", "what", "seen", "remedy"} for entry in found)


def test_a_new_installation_is_told_what_to_run(fresh: Installation) -> None:
    shown = fresh.run("doctor").stdout
    assert "run `idp keys init`" in shown
    assert "run `idp db upgrade`" in shown
    assert not (fresh.directory / "idp.db").exists()
