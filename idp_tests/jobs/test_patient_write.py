"""What the outside has told stays in hand while the database is in trouble, and not longer than a lease."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from idp.core.overtaken import Overtaken
from idp.jobs import outbox
from idp.jobs.patient_write import GIVEN_UP_AFTER, NotWritten, PatientWrite, WriteInThread
from idp_tests.databases import NOW


@dataclass
class Notebook:
    """Something to write into; time passes only by waiting."""

    troubles: list[Exception] = field(default_factory=list)
    """What each commit ends with, in order; after these it works."""
    now: datetime = NOW
    waits: list[float] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @contextmanager
    def unit(self) -> Iterator[None]:
        yield
        if self.troubles:
            self.written.pop()
            raise self.troubles.pop(0)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    def write(self, *, clock: Callable[[], datetime] | None = None) -> None:
        patient = PatientWrite(unit_of_work=self.unit, clock=clock or (lambda: self.now), wait=self.wait)
        patient(lambda: self.written.append("answer"))


def test_what_works_is_written_once_and_without_a_wait() -> None:
    notebook = Notebook()
    notebook.write()
    assert (notebook.written, notebook.waits) == (["answer"], [])


def test_a_commit_that_fails_is_tried_again_after_pauses_that_double() -> None:
    notebook = Notebook([OSError("full")] * 5)
    with capture_logs() as logs:
        notebook.write()
    assert notebook.written == ["answer"]
    assert notebook.waits == [0.25, 0.5, 1, 2, 2]
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("written again", "OSError")] * 5


def test_it_fails_for_good_with_the_last_trouble_before_a_lease_ends() -> None:
    notebook = Notebook([OSError("full")] * 100)
    with pytest.raises(NotWritten) as failed:
        notebook.write()
    assert failed.value.reason == "OSError"
    assert notebook.now - NOW <= GIVEN_UP_AFTER
    assert timedelta(seconds=15) <= outbox.LEASE - GIVEN_UP_AFTER, "for the call and a statement"


def test_an_event_loop_goes_on_while_a_thread_writes() -> None:
    goes_on = threading.Event()

    def written_later() -> str:
        assert goes_on.wait(20)
        return "written"

    async def main() -> str:
        with ThreadPoolExecutor(1) as threads:
            write = WriteInThread(
                write=PatientWrite(unit_of_work=nullcontext, clock=lambda: NOW, wait=print), threads=threads
            )
            writing = asyncio.create_task(write(written_later))
            await asyncio.sleep(0)
            goes_on.set()
            return await writing

    assert asyncio.run(main()) == "written"


def test_slow_tries_count_as_well_as_the_pauses_between_them() -> None:
    notebook = Notebook([OSError("full")] * 100)
    seconds = iter(range(0, 1000, 5))
    with pytest.raises(NotWritten):
        notebook.write(clock=lambda: NOW + timedelta(seconds=next(seconds)))
    assert len(notebook.waits) == 2


def test_a_clock_that_stands_still_ends_it_all_the_same() -> None:
    notebook = Notebook([OSError("full")] * 100)
    with pytest.raises(NotWritten):
        notebook.write(clock=lambda: NOW)


def test_who_was_overtaken_does_not_try_again() -> None:
    notebook = Notebook([Overtaken()])
    with pytest.raises(Overtaken):
        notebook.write()
    assert notebook.waits == []


def test_who_was_overtaken_after_a_failed_try_may_have_been_so_by_that_try() -> None:
    notebook = Notebook([OSError("full"), Overtaken()])
    with pytest.raises(NotWritten):
        notebook.write()
