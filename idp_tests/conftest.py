"""What holds for every test: skips are said aloud (and fail where they are forbidden), random inputs have profiles.

Several processes share the work by files (`--dist loadfile`), the longest first; a room whose tests share one running world
goes to one process as a whole, or to as many as it has worlds.
"""

import gc
import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from xdist.scheduler import LoadFileScheduling

from idp import log

pytest_plugins = ["idp_tests.chromium", "idp_tests.databases", "idp_tests.made_once", "idp_tests.provider"]

hypothesis.settings.register_profile("default", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NO_SKIPS = "IDP_NO_SKIPS"
"""Environment variable: set to 1 where everything that tests need is installed, so that a skip is a failure."""


GARBAGE_AFTER = 50_000
"""So many new objects between two looks for garbage: a request of a test makes more than Python's 700."""

ROOT = Path(__file__).parents[1]
WORLDS = {"idp_tests/journeys": 2, "idp_tests/relying_parties": 1, "idp_tests/faults": 1}
"""Rooms that start a world, and how many of them: seven processes, about as many seconds of processor time each.

Journeys wait for clocks more than they work, so that two halves side by side take half as long.
"""
LONGEST_FIRST = (
    "idp_tests/journeys",
    "idp_tests/web/static",
    "idp_tests/sandbox/test_up.py",
    "idp_tests/attacks/test_races.py",
    "idp_tests/fuzz",
    "idp_tests/faults",
    "idp_tests/relying_parties",
    "idp_tests/architecture/test_locks.py",
    "idp_tests/cli/test_serve.py",
    "idp_tests/architecture/test_dev.py",
)
"""What waits longest for others; begun last, it would be waited for at the end.

Rooms with a world wait more than they work: between them comes what works, so that neither all wait at once nor all work.
"""


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets up the process's log."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    if structlog.is_configured():
        root.handlers, root.level = handlers, level
        log._writer = None
        structlog.reset_defaults()


class ByRoom(LoadFileScheduling):  # type: ignore[misc]
    """As by file, but a room with a world is divided no further than it has worlds."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        room = next((room for room in WORLDS if nodeid.startswith(f"{room}/")), None)
        return f"{room} {_turn_in(room, path) % WORLDS[room]}" if room else path


@cache
def _turn_in(room: str, path: str) -> int:
    files = sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / room).rglob("test_*.py"))
    return files.index(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByRoom | None:
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # it would begin with the files that have the most tests
    return ByRoom(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Ctrl-C ends what tests start, also where a shell put the whole run behind an `&` and told it to ignore that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now lives as long as the process: looking through it for garbage takes a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


def _turn(path: Path) -> int:
    turns = (turn for turn, place in enumerate(LONGEST_FIRST) if path.is_relative_to(ROOT / place))
    return next(turns, len(LONGEST_FIRST))


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
