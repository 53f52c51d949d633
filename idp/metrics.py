"""Metrics: the figures of every process of this node, shown to Prometheus at one address.

Each process writes its figures into a folder that they share, and the process that is asked puts them together. Without a folder a process
shows its own.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Metric, multiprocess, start_http_server
from prometheus_client.core import GaugeMetricFamily

from idp.settings import Metrics

_log = structlog.get_logger("idp.metrics")

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library knows the folder; it counts when it is there before the library is imported."""
_PATIENCE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure that is read when somebody asks for it."""

    name: str
    what: str
    read: Callable[[], float | None]
    """None when there is none now; what it raises leaves the figure out."""


def show_figures(metrics: Metrics, readings: Sequence[Reading], stop: threading.Event) -> None:
    """Serve them until `stop` is set. A port that is taken stops nothing: at a reload it soon is free."""
    registry = CollectorRegistry()
    registry.register(_Figures(readings))
    told = False
    while metrics.port and not stop.is_set():
        try:
            server, _ = start_http_server(metrics.port, metrics.host, registry)
        except OSError as problem:
            if not told:
                _log.error("figures not shown", host=metrics.host, port=metrics.port, reason=problem.strerror)
            told = True
            stop.wait(_PATIENCE_SECONDS)
        else:
            stop.wait()
            server.shutdown()
            server.server_close()


@dataclass(frozen=True, slots=True, eq=False)
class _Figures:
    """What is shown, gathered at every question."""

    readings: Sequence[Reading]

    def collect(self) -> Iterator[Metric]:
        folder = os.environ.get(FOLDER)
        if folder is None:
            yield from REGISTRY.collect()
        else:
            _forget_the_dead(Path(folder))
            yield from multiprocess.MultiProcessCollector(None, folder).collect()  # type: ignore[no-untyped-call]
        for reading in self.readings:
            try:
                value = reading.read()
            except Exception:  # noqa: BLE001 - one figure's trouble must not hide the others
                _log.exception("figure not read", figure=reading.name)
                continue
            if value is not None:
                yield GaugeMetricFamily(reading.name, reading.what, value=value)


def _forget_the_dead(folder: Path) -> None:
    """What a process that is gone said of the present moment is true no longer; what it counted is."""
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            multiprocess.mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
