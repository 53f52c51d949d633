"""The loop: it does what is due, some at a time, and nothing that breaks or is slow ends it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from idp.core.overtaken import Overtaken
from idp.jobs.leased_work import LeasedWork
from idp.jobs.patient_write import NotWritten
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
    given_back: list[tuple[str, str]] = field(default_factory=list)

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Task]:
        self.asked.append((worker, now, until, limit))
        given, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return [Task(name) for name in given]

    def give_back(self, item_id: str, worker: str, /) -> None:
        self.given_back.append((item_id, worker))


@contextmanager
def unit() -> Iterator[None]:
    yield


def a_loop(tasks: Tasks, do: Callable[[Task], None], **changes: Any) -> LeasedWork[Task]:
    usual: dict[str, Any] = {
        "name": "test",
        "queue": tasks,
        "do": do,
        "unit_of_work": unit,
        "outages": (ConnectionError,),
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


@pytest.mark.parametrize(
    ("raised", "event", "outcome"),
    [(Overtaken(), "overtaken", "overtaken"), (NotWritten("DiskFull"), "not written", "not_written")],
)
def test_a_race_that_is_lost_and_a_write_that_failed_are_told_counted_and_given_back(
    raised: Exception, event: str, outcome: str
) -> None:
    def do(_task: Task) -> None:
        raise raised

    before, tasks = counted(outcome), Tasks(["a"])
    with capture_logs() as logs, ThreadPoolExecutor(2) as pool:
        a_loop(tasks, do).beat(pool)
    assert [(entry["event"], entry["id"]) for entry in logs] == [(event, "a")]
    assert tasks.given_back == [("a", "node.a")]
    assert counted(outcome) == before + 1


def test_a_lease_that_cannot_be_given_back_ends_by_its_time() -> None:
    class Away(Tasks):
        def give_back(self, item_id: str, worker: str, /) -> None:
            raise ConnectionError

    def do(_task: Task) -> None:
        raise NotWritten("DiskFull")

    with capture_logs() as logs, ThreadPoolExecutor(2) as pool:
        a_loop(Away(["a"]), do).beat(pool)
    assert [entry["event"] for entry in logs] == ["not written", "lease not given back"]


def test_a_mistake_of_ours_is_not_done_again_at_once() -> None:
    def do(_task: Task) -> None:
        raise ZeroDivisionError

    before, tasks = counted("failed"), Tasks(["a"])
    with ThreadPoolExecutor(2) as pool:
        a_loop(tasks, do).beat(pool)
    assert tasks.given_back == []
    assert counted("failed") == before + 1


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("idp_work_total", {"work": "test", "outcome": outcome}) or 0.0


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
