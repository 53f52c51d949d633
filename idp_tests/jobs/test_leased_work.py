"""The loop: it does what is due, some at a time, and nothing that breaks or is slow ends it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from idp.jobs.leased_work import LeasedWork
from idp_tests.databases import NOW

WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Task:
    id: str


@dataclass
class Tasks:
    """A queue in memory, and what was asked of it."""

    waiting: list[str]
    asked: list[tuple[str, datetime, datetime, int]] = field(default_factory=list)

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Task]:
        self.asked.append((worker, now, until, limit))
        given, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return [Task(name) for name in given]


@contextmanager
def unit() -> Iterator[None]:
    yield


def a_loop(tasks: Tasks, do: Callable[[Task], None], **changes: Any) -> LeasedWork[Task]:
    usual: dict[str, Any] = {
        "name": "test",
        "queue": tasks,
        "do": do,
        "unit_of_work": unit,
        "clock": lambda: NOW,
        "worker": "node.a",
        "lease": timedelta(seconds=30),
        "threads": 2,
        "idle_seconds": 0.01,
    }
    return LeasedWork(**usual | changes)


def test_what_is_due_is_leased_for_this_worker_and_done() -> None:
    tasks, done = Tasks(["a", "b", "c"]), list[str]()
    loop = a_loop(tasks, lambda task: done.append(task.id))
    with ThreadPoolExecutor(2) as pool:
        assert loop.beat(pool)
    with ThreadPoolExecutor(2) as pool:
        assert loop.beat(pool)
        assert not loop.beat(pool)
    assert sorted(done) == ["a", "b", "c"]
    assert tasks.asked[0] == ("node.a", NOW, NOW + timedelta(seconds=30), 2)


def test_what_is_slow_holds_up_only_as_many_others_as_it_has_threads() -> None:
    go_on, quick = threading.Event(), threading.Semaphore(0)

    def do(task: Task) -> None:
        if task.id == "slow":
            go_on.wait(WITHIN_SECONDS)
        else:
            quick.release()

    stop = threading.Event()
    working = threading.Thread(target=a_loop(Tasks(["slow", *"abcde"]), do).run, args=(stop,))
    working.start()
    for _ in "abcde":
        assert quick.acquire(timeout=WITHIN_SECONDS)
    stop.set()
    go_on.set()
    working.join(WITHIN_SECONDS)
    assert not working.is_alive()


def test_no_more_is_leased_than_there_are_free_threads() -> None:
    go_on = threading.Event()
    tasks = Tasks(["a", "b", "c"])

    def wait(_task: Task) -> None:
        go_on.wait(WITHIN_SECONDS)

    loop = a_loop(tasks, wait)
    with ThreadPoolExecutor(2) as pool:
        assert loop.beat(pool)
        assert not loop.beat(pool)
        go_on.set()
    assert tasks.waiting == ["c"]


def test_one_things_trouble_is_told_and_is_not_the_others() -> None:
    done: list[str] = []

    def do(task: Task) -> None:
        if task.id == "bad":
            raise ZeroDivisionError
        done.append(task.id)

    with capture_logs() as logs, ThreadPoolExecutor(2) as pool:
        a_loop(Tasks(["bad", "good"]), do).beat(pool)
    assert done == ["good"]
    assert [(entry["event"], entry["work"], entry["id"]) for entry in logs] == [("work failed", "test", "bad")]


def test_a_database_that_is_away_for_a_moment_does_not_end_the_loop() -> None:
    stop, failures = threading.Event(), list[int]()

    @contextmanager
    def away() -> Iterator[None]:
        failures.append(1)
        if len(failures) == 3:
            stop.set()
        raise ConnectionError("the database is away")
        yield

    a_loop(Tasks(["a"]), print, unit_of_work=away).run(stop)
    assert len(failures) == 3


def test_a_loop_whose_threads_are_all_taken_is_at_work_and_one_that_cannot_ask_is_not() -> None:
    told, release = list[datetime](), threading.Event()

    def wait(_task: Task) -> None:
        release.wait(WITHIN_SECONDS)

    loop = a_loop(Tasks(["a", "b"]), wait, at_work=told.append)
    with ThreadPoolExecutor(2) as pool:
        loop.beat(pool)
        loop.beat(pool)
        release.set()
    assert told == [NOW, NOW]

    def gone() -> Iterator[None]:
        raise ConnectionError
        yield

    cut_off = a_loop(Tasks([]), lambda _task: None, at_work=told.append, unit_of_work=contextmanager(gone))
    with ThreadPoolExecutor(2) as pool, pytest.raises(ConnectionError):
        cut_off.beat(pool)
    assert len(told) == 2
