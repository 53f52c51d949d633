"""The worker: one process that runs every job, each in a thread of its own, until it is told to stop."""

import hashlib
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from prometheus_client import start_http_server

from idp.settings import Metrics, Settings

_log = structlog.get_logger("idp.jobs")

_PATIENCE_SECONDS: Final = 1.0


def node_name(settings: Settings) -> str:
    """The same for every start of one node, different for two nodes: 16 hex digits."""
    facts = "\n".join((socket.gethostname(), settings.server.host, str(settings.server.port), settings.issuer))
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def new_worker_name(node: str) -> str:
    """What stands in every lease of one process: the node's name, a full stop, and a word of this process."""
    return f"{node}.{secrets.token_hex(4)}"


class LeaseQueue(Protocol):
    """Rows that workers lease."""

    def release(self, node: str) -> int:
        """Free what a dead process of this node held. Returns how many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What runs in one process."""

    name: str
    jobs: Mapping[str, Callable[[threading.Event], None]]
    """By name; each runs until the event is set."""
    queues: Mapping[str, LeaseQueue]
    unit_of_work: Callable[[], AbstractContextManager[object]]
    metrics: Metrics

    def run(self, stop: threading.Event) -> None:
        """Free what a dead process of this node held, then work until `stop` is set; returns when every job has ended."""
        _show_figures(self.metrics)
        self._free(stop)
        threads = [threading.Thread(target=run, args=(stop,), name=name) for name, run in self.jobs.items()]
        _log.info("jobs started", worker=self.name)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _log.info("jobs stopped", worker=self.name)

    def _free(self, stop: threading.Event) -> None:
        """Take the leases of this node's earlier processes; patient while the database is away."""
        node = self.name.partition(".")[0]
        while not stop.is_set():
            try:
                with self.unit_of_work():
                    freed = {name: queue.release(node) for name, queue in self.queues.items()}
            except Exception:  # noqa: BLE001 - whatever the database says, there is nothing to do but to wait
                _log.exception("leases not freed")
                stop.wait(_PATIENCE_SECONDS)
            else:
                _log.info("leases freed", **freed)
                return


def _show_figures(metrics: Metrics) -> None:
    """Serve them to Prometheus in a thread of its own; a taken port is said aloud and stops nothing."""
    if metrics.port:
        try:
            start_http_server(metrics.port, metrics.host)
        except OSError as problem:
            _log.error("figures not shown", host=metrics.host, port=metrics.port, reason=problem.strerror)
