"""Supervision: the jobs process is started again whatever ended it, or kept it from beginning."""

import queue
import subprocess
import threading
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from idp.cli import supervision
from idp.cli.supervision import JobsProcess

WITHIN_SECONDS = 20
COMMAND = ["idp", "jobs"]


class Child:
    """A process that ends when the test, or its supervisor, says so."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.code: int | None = None

    def end(self, code: int) -> None:
        self.code = code
        self.ended.set()

    def poll(self) -> int | None:
        return self.code

    def wait(self) -> int | None:
        self.ended.wait(WITHIN_SECONDS)
        return self.code

    def terminate(self) -> None:
        self.end(-15)

    kill = terminate


class Machine:
    """Starts children, or refuses to as often as it was told."""

    def __init__(self) -> None:
        self.started: queue.Queue[Child] = queue.Queue()
        self.refusals = 0
        self.logs: list[MutableMapping[str, Any]] = []

    def popen(self, command: list[str], **_options: object) -> Child:
        assert command == COMMAND
        if self.refusals:
            self.refusals -= 1
            raise BlockingIOError(11, "Resource temporarily unavailable")
        child = Child()
        self.started.put(child)
        return child

    def next_child(self) -> Child:
        return self.started.get(timeout=WITHIN_SECONDS)

    def said(self, event: str) -> list[MutableMapping[str, Any]]:
        return [entry for entry in self.logs if entry["event"] == event]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine()
    monkeypatch.setattr(subprocess, "Popen", made.popen)
    monkeypatch.setattr(supervision, "_PAUSE_SECONDS", 0.01)
    with capture_logs() as made.logs:
        yield made


@pytest.fixture
def jobs(machine: Machine) -> Iterator[JobsProcess]:
    jobs = JobsProcess(COMMAND)
    yield jobs
    jobs.wait_until_stopped()
    assert machine.started.empty()


def test_a_machine_that_cannot_start_a_process_now_is_asked_again(machine: Machine, jobs: JobsProcess) -> None:
    machine.refusals = 2
    jobs.start()
    machine.next_child()
    told = machine.said("jobs not started")
    assert [(entry["log_level"], entry["reason"]) for entry in told] == [("error", "BlockingIOError")] * 2
    assert told[0]["again_in_seconds"] < told[1]["again_in_seconds"]


def test_a_process_that_dies_is_started_again_and_its_end_is_told(machine: Machine, jobs: JobsProcess) -> None:
    jobs.start()
    machine.next_child().end(3)
    machine.next_child()
    assert [entry["exit_code"] for entry in machine.said("jobs ended")] == [3]


def test_a_process_that_was_asked_to_begin_anew_is_no_news(machine: Machine, jobs: JobsProcess) -> None:
    jobs.start()
    first = machine.next_child()
    jobs.restart()
    second = machine.next_child()
    assert first.code == -15
    assert machine.said("jobs ended") == []
    second.end(1)
    machine.next_child()
    assert [entry["exit_code"] for entry in machine.said("jobs ended")] == [1]


def test_a_wish_to_begin_anew_while_there_is_no_process_excuses_no_later_crash(
    machine: Machine, jobs: JobsProcess
) -> None:
    jobs.restart()
    jobs.start()
    machine.next_child().end(1)
    machine.next_child()
    assert [entry["exit_code"] for entry in machine.said("jobs ended")] == [1]


def test_a_stopped_supervisor_starts_nothing_more(machine: Machine, jobs: JobsProcess) -> None:
    jobs.start()
    child = machine.next_child()
    jobs.wait_until_stopped()
    assert child.code == -15
    assert machine.said("jobs ended") == []
