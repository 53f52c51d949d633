"""`idp doctor`: one line per thing, the remedy beside what is wrong, exit code 2 on FAIL."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from idp.app import create_app
from idp.assembly.jobs import make_expiry_warnings
from idp.assembly.provider import Provider, assemble
from idp.cli.doctor_checks import CHECKS, Finding, Grade, examine
from idp.settings_file import load_settings
from idp_tests.cli.installation import Installation, write_certificate

NOW = datetime.now(UTC)


def assembled(installed: Installation, now: datetime = NOW) -> Provider:
    return assemble(load_settings(installed.settings), lambda: now)


def findings(installed: Installation, now: datetime = NOW) -> dict[str, Finding]:
    """By what was looked at; the worst of several."""
    found: dict[str, Finding] = {}
    for finding in examine(assembled(installed, now)):
        if finding.what not in found or list(Grade).index(finding.grade) > list(Grade).index(found[finding.what].grade):
            found[finding.what] = finding
    return found


def test_bankid_out_of_reach_is_a_failure_with_exit_code_two(installed: Installation) -> None:
    result = installed.run("doctor")
    assert result.exit_code == 2
    assert re.search(r"(?m)^FAIL  BankID: localhost:1: .+  → check the network", result.stdout)


def test_what_works_is_said_too(installed: Installation) -> None:
    found = findings(installed)
    for what in ("keys", "database", "sessions", "issuer", "BankID certificate", "mail", "texts", "trusted proxies"):
        assert found[what].grade is Grade.OK, found[what]


def test_every_line_has_a_grade_and_a_failure_has_what_was_seen(installed: Installation) -> None:
    for line in installed.run("doctor").stdout.splitlines():
        assert re.fullmatch(r"(OK|WARN|FAIL) +[^:]+: \S.*", line)


def test_the_same_as_json_for_machines(installed: Installation) -> None:
    found = json.loads(installed.run("doctor", "--json").stdout)
    assert {entry["grade"] for entry in found} >= {"OK", "FAIL"}
    assert all(entry.keys() == {"grade", "what", "seen", "remedy"} for entry in found)


@pytest.mark.parametrize("state", ["absent", "retired", "next"])
def test_the_remedy_for_an_algorithm_without_a_signing_key_works(installed: Installation, state: str) -> None:
    def es256() -> Finding | None:
        found = examine(assembled(installed, datetime.now(UTC)))
        return next((one for one in found if one.seen == "none is active for ES256"), None)

    (path,) = (
        file
        for file in (installed.directory / "keys" / "signing").iterdir()
        if json.loads(file.read_text())["alg"] == "ES256"
    )
    member = {"retired": "retires_at", "next": "activates_at"}.get(state)
    at = datetime.now(UTC) + timedelta(hours=1 if state == "next" else -1)
    path.write_text(json.dumps({**json.loads(path.read_text()), **({member: at.isoformat()} if member else {})}))
    if state == "absent":
        path.unlink()
    finding = es256()
    assert finding is not None
    command = re.fullmatch(r"run `idp (.+)`", finding.remedy)
    assert command is not None
    installed.done(*command[1].split())
    assert es256() is None


def test_a_new_installation_is_told_what_to_run(fresh: Installation) -> None:
    shown = fresh.run("doctor").stdout
    assert "run `idp keys init`" in shown
    assert "run `idp db upgrade`" in shown
    assert not (fresh.directory / "idp.db").exists()


@pytest.mark.parametrize(
    ("days", "grade"), [(61.5, Grade.OK), (60.5, Grade.WARN), (7.5, Grade.WARN), (0.5, Grade.FAIL)]
)
def test_a_bankid_certificate_is_warned_of_in_time(installed: Installation, days: float, grade: Grade) -> None:
    write_certificate(installed.directory / "rp.pem", ends=NOW + timedelta(days=days))
    assert findings(installed)["BankID certificate"].grade is grade


def test_an_expired_bankid_certificate_fails_and_the_others_are_still_heard(installed: Installation) -> None:
    write_certificate(installed.directory / "rp.pem", ends=NOW - timedelta(days=1))
    found = findings(installed)
    assert found["BankID certificate"].grade is Grade.FAIL
    assert "expired" in found["BankID certificate"].seen
    assert found["BankID certificate"].remedy.startswith("order a new one")
    assert found["database"].grade is Grade.OK


def test_an_expired_bankid_certificate_keeps_nobody_from_refreshing_tokens(installed: Installation) -> None:
    write_certificate(installed.directory / "rp.pem", ends=NOW - timedelta(days=1))
    provider = assembled(installed)
    assert create_app(provider).test_client().get("/jwks.json").status_code == 200
    (said,) = make_expiry_warnings(provider).look["BankID certificate"](NOW)
    threshold = said.threshold(NOW)
    assert threshold is not None
    assert threshold <= 1, "else it is no error in the log"


def test_old_signing_keys_are_told_to_go(installed: Installation) -> None:
    found = findings(installed, NOW + timedelta(days=400))["signing keys"]
    assert found.grade is Grade.WARN
    assert found.remedy.startswith("run `idp keys new")


def test_keys_open_to_others_fail(installed: Installation) -> None:
    (installed.directory / "keys").chmod(0o755)
    assert findings(installed)["keys"].grade is Grade.FAIL


@pytest.mark.parametrize(
    ("old", "new", "what", "grade"),
    [
        ('["10.0.0.0/24"]', "[]", "trusted proxies", Grade.WARN),
        ('"10.0.0.0/24"', '"0.0.0.0/0"', "trusted proxies", Grade.FAIL),
        ("[mail]", '[sign_in]\nsession_idle = "PT3H"\n[mail]', "sessions", Grade.WARN),
        ('folder = "mail"', "", "mail", Grade.WARN),
        ("https://id.example", "http://localhost:8000", "issuer", Grade.WARN),
    ],
)
def test_a_doubtful_setting_is_named(installed: Installation, old: str, new: str, what: str, grade: Grade) -> None:
    installed.change(old, new)
    assert findings(installed)[what].grade is grade


def test_a_check_that_breaks_is_a_finding_and_stops_nobody(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _broken_thing(_provider: Provider, _now: datetime) -> Iterator[Finding]:
        raise OSError("the disk is gone")

    monkeypatch.setattr("idp.cli.doctor_checks.CHECKS", (_broken_thing, *CHECKS))
    first, *others = examine(assembled(installed))
    assert first == Finding(Grade.FAIL, "broken thing", "the disk is gone")
    assert len(others) >= len(CHECKS) - 2
