"""The clock: another one is compared with ours as it was while we asked, not when the examination began."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from idp.assembly.provider import Provider
from idp.cli.doctor.checks import CHECKS
from idp.cli.doctor.clock import compare
from idp.cli.doctor.finding import Finding, Grade
from idp_tests.cli.doctor.looking import assembled
from idp_tests.cli.installation import Installation
from idp_tests.provider import Clock
from idp_tests.scripted_bankid import ScriptedBankId


def seconds(amount: float) -> timedelta:
    return timedelta(seconds=amount)


@pytest.mark.parametrize(
    ("there", "grade"),
    [(-6, Grade.FAIL), (-5, Grade.OK), (0, Grade.OK), (3, Grade.OK), (15, Grade.OK), (16, Grade.FAIL)],
)
def test_an_answer_that_took_ten_seconds_is_no_skew(there: float, grade: Grade) -> None:
    clock = Clock()
    (found,) = compare("theirs", clock.now, clock.now + seconds(there), clock.now + seconds(10))
    assert found.grade is grade
    assert bool(found.remedy) is (grade is Grade.FAIL)


def test_a_clock_of_whole_seconds_may_be_one_behind() -> None:
    now = Clock().now
    (found,) = compare("theirs", now + seconds(5.9), now, now + seconds(5.9), precise_to=seconds(1))
    assert found.grade is Grade.OK


def with_another_clock(installed: Installation, room: str, ask: Callable[[], datetime], clock: Clock) -> Any:
    """A provider whose database or BankID tells the time by `ask`."""
    plain = assembled(installed)

    async def ping() -> datetime:
        return ask()

    asked = {
        "installation": SimpleNamespace(
            schema=plain.installation.schema,
            address="db",
            connection_limit=plain.installation.connection_limit,
            clock=ask,
        ),
        "bankid": SimpleNamespace(ping=ping, close=ScriptedBankId().close),
    }
    changed = type("Changed", (Provider,), {})
    provider = changed(settings=plain.settings, clock=clock)
    provider.__dict__[room] = asked[room]
    return provider


def clock_of(found: Iterator[Finding]) -> Finding:
    return next(one for one in found if one.what == "clock")


@pytest.mark.parametrize(("room", "what"), [("installation", "database"), ("bankid", "bankid")])
def test_a_slow_examination_of_a_healthy_machine_finds_nothing(installed: Installation, room: str, what: str) -> None:
    clock = Clock()
    began = clock.now
    clock.advance(seconds=45)

    def ask() -> datetime:
        clock.advance(seconds=20)
        there = clock.now
        clock.advance(seconds=20)
        return there

    provider = with_another_clock(installed, room, ask, clock)
    assert clock_of(CHECKS[what](provider, began)).grade is Grade.OK


@pytest.mark.parametrize(("room", "what"), [("installation", "database"), ("bankid", "bankid")])
def test_a_clock_that_is_wrong_is_a_failure(installed: Installation, room: str, what: str) -> None:
    clock = Clock()
    provider = with_another_clock(installed, room, lambda: clock.now + seconds(30), clock)
    found = clock_of(CHECKS[what](provider, clock.now))
    assert (found.grade, found.remedy) == (Grade.FAIL, "keep the clocks of all machines with NTP")
