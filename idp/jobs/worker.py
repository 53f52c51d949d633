"""The worker: one process that runs every job, each in its own thread, until it is told to stop."""

import hashlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import structlog

from idp.jobs.trouble import Trouble
from idp.settings import Settings

_log = structlog.get_logger("idp.jobs")


def node_name(settings: Settings) -> str:
    """The same for every start of one node, different for two nodes: 16 hex digits."""
    facts = "\n".join((socket.gethostname(), settings.server.host, str(settings.server.port), settings.issuer))
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


class LeaseQueue(Protocol):
    """Rows that workers lease."""

    def release(self, holders: str) -> int:
        """Free what workers hold whose names begin so; they are dead, or the caller itself. Returns how many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What runs in one process."""

    name: str
    """In every lease: the node's name, a full stop, and a word of this process."""
    jobs: Mapping[str, Callable[[threading.Event], None]]
    """By name; each runs until the event is set."""
    queues: Mapping[str, LeaseQueue]
    unit_of_work: Callable[[], AbstractContextManager[object]]
    outages: tuple[type[Exception], ...]
    """What it raises while the database is away."""

    def run(
        self, stop: threading.Event, *, replaced: Sequence[str] = (), started: Callable[[], None] = lambda: None
    ) -> None:
        """Work until `stop` is set; returns when every job has ended and no lease is left.

        `replaced` are the beginnings of names of dead workers, whose leases are freed first.
        """
        for dead in replaced:
            self._free(dead, stop)
        threads = [threading.Thread(target=run, args=(stop,), name=name) for name, run in self.jobs.items()]
        _log.info("jobs started", worker=self.name)
        for thread in threads:
            thread.start()
        started()
        for thread in threads:
            thread.join()
        self._hand_over()
        _log.info("jobs stopped", worker=self.name)

    def _free(self, dead: str, stop: threading.Event) -> None:
        """Take the leases of dead workers; patient while the database is away."""
        trouble = Trouble(work="leases", outages=self.outages)
        while not stop.is_set():
            try:
                self._release(dead)
            except Exception as error:  # noqa: BLE001 - whatever the database says, there is nothing to do but to wait
                stop.wait(trouble.note(error).total_seconds())
            else:
                trouble.is_over()
                return

    def _hand_over(self) -> None:
        """Leave what was leased and not begun to the other workers; a lease that cannot be given back ends by itself."""
        try:
            self._release(self.name)
        except Exception as error:  # noqa: BLE001 - see above
            Trouble(work="leases", outages=self.outages).note(error)

    def _release(self, holders: str) -> None:
        with self.unit_of_work():
            freed = {name: queue.release(holders) for name, queue in self.queues.items()}
        _log.info("leases freed", **freed)
