"""What the doctor says of an installation at a moment."""

from datetime import UTC, datetime

from idp.assembly.provider import Provider, assemble
from idp.cli.doctor.checks import examine
from idp.cli.doctor.finding import Finding, Grade
from idp.settings_file import load_settings
from idp_tests.cli.installation import Installation

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
