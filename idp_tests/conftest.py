"""What holds for every test: skips are said aloud (and fail where they are forbidden), and random inputs have profiles."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

pytest_plugins = ["idp_tests.chromium", "idp_tests.databases", "idp_tests.provider"]

hypothesis.settings.register_profile("default", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NO_SKIPS = "IDP_NO_SKIPS"
"""Environment variable: set to 1 where everything that tests need is installed, so that a skip is a failure."""


def skips_are_failures() -> bool:
    return os.environ.get(NO_SKIPS) == "1"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was not tested, and why."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", ()))
    if not reasons:
        return
    terminalreporter.section("skipped, and why")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count:>4}  {reason}")
    if skips_are_failures():
        terminalreporter.line(f"{NO_SKIPS}=1: a skipped test is a failure here.", red=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Turn skips into a failed run where they are forbidden; in the controlling process alone."""
    if skips_are_failures() and not hasattr(session.config, "workerinput"):
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield


def _reason(report: Any) -> str:
    longrepr = report.longrepr
    reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return reason.removeprefix("Skipped: ")
