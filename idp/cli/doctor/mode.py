"""What the mode allows, and what production must not have."""

from collections.abc import Iterator

from idp.cli.doctor.finding import Finding, Grade
from idp.cli.production_checks import find_unsafe
from idp.settings import Settings


def look_at_mode(settings: Settings) -> Iterator[Finding]:
    """Sandbox or production."""
    if settings.is_sandbox:
        yield Finding(
            Grade.WARN, "mode", "sandbox: weak choices and the BankID simulator are allowed", remedy="mode = production"
        )
    else:
        yield Finding(Grade.OK, "mode", "production; the simulator and the test environment are refused")


def look_at_production(settings: Settings) -> Iterator[Finding]:
    """Everything that `serve` refuses to start with."""
    for line in find_unsafe(settings):
        what, _, seen = line.partition(": ")
        yield Finding(Grade.FAIL, what, seen)
