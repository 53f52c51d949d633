"""What the mode allows, and what production must not have."""

from collections.abc import Iterator
from datetime import datetime

from idp.assembly.provider import Provider
from idp.cli.doctor.finding import Finding, Grade
from idp.cli.production_checks import find_unsafe


def look_at_mode(provider: Provider, _now: datetime) -> Iterator[Finding]:
    """Sandbox or production."""
    if provider.settings.is_sandbox:
        yield Finding(
            Grade.WARN, "mode", "sandbox: weak choices and the BankID simulator are allowed", remedy="mode = production"
        )
    else:
        yield Finding(Grade.OK, "mode", "production; the simulator and the test environment are refused")


def look_at_safety(provider: Provider, _now: datetime) -> Iterator[Finding]:
    """Everything that `serve` refuses to start with."""
    for line in find_unsafe(provider.settings):
        what, _, seen = line.partition(": ")
        yield Finding(Grade.FAIL, what, seen)
