"""The examination: what works is said too, and a check that breaks stops nobody."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from idp.assembly.provider import Provider
from idp.cli.doctor.checks import CHECKS, examine
from idp.cli.doctor.finding import Finding, Grade
from idp_tests.cli.doctor.looking import assembled, findings
from idp_tests.cli.installation import Installation


def test_what_works_is_said_too(installed: Installation) -> None:
    found = findings(installed)
    for what in ("keys", "database", "sessions", "issuer", "BankID certificate", "mail", "texts", "trusted proxies"):
        assert found[what].grade is Grade.OK, found[what]


def test_a_check_that_breaks_is_a_finding_and_stops_nobody(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_provider: Provider, _now: datetime) -> Iterator[Finding]:
        raise OSError("the disk is gone")

    monkeypatch.setattr("idp.cli.doctor.checks.CHECKS", {"broken thing": break_down, **CHECKS})
    first, *others = examine(assembled(installed))
    assert first == Finding(Grade.FAIL, "broken thing", "the disk is gone")
    assert len(others) >= len(CHECKS) - 4
