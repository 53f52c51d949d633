"""Supervision: the jobs process beside the web workers, started again whenever it dies, stopped with them."""

import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from granian.server.mp import MPServer

_log = structlog.get_logger("idp.serve")

_STOP_SECONDS = 20
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 10.0
"""A process that lived so long starts again without a growing pause."""
_WINDOW_SECONDS = 60.0
_MOST_RESTARTS = 20
"""Of one worker within the window; more is a program that cannot run, and whoever started us should know."""


class JobsProcess:
    """`idp jobs` as a child, with a thread that watches over it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._stopping = threading.Event()
        self._ended_by_us = threading.Event()
        self._beginning = threading.RLock()
        """Held while a process begins; its holder may be interrupted by a signal that asks to begin anew."""
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name="jobs", daemon=True)

    def start(self) -> None:
        """Start it and keep it running."""
        self._watcher.start()

    def ask_to_stop(self) -> None:
        """Let it finish what it does and start it no more."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()

    def restart(self) -> None:
        """Have it begin anew with the files as they are now; one that is between two lives does so anyway."""
        with self._beginning:
            process = self._process
            if process is not None and process.poll() is None:
                self._ended_by_us.set()
                process.terminate()

    def wait_until_stopped(self) -> None:
        """Wait, then stop it for good."""
        self.ask_to_stop()
        self._watcher.join(_STOP_SECONDS)
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()

    def _watch(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            try:
                process = self._begin()
            except OSError as problem:  # no memory or no process left, a file that is being replaced: all of it passes
                pause = _longer(pause)
                _log.error("jobs not started", reason=type(problem).__name__, again_in_seconds=pause)
                continue
            code = process.wait()
            lived_long = time.monotonic() - began > _STEADY_SECONDS
            asked = self._ended_by_us.is_set()
            pause = 0.0 if lived_long or asked else _longer(pause)
            if not (asked or self._stopping.is_set()):
                _log.error("jobs ended", exit_code=code, again_in_seconds=pause)

    def _begin(self) -> "subprocess.Popen[bytes]":
        """Raises OSError."""
        with self._beginning:
            process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program
            self._process = process
            self._ended_by_us.clear()
        if self._stopping.is_set():
            process.terminate()
        return process


def _longer(pause: float) -> float:
    return min(pause * 2 + _PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)


class WebServer(MPServer):
    """Granian's worker processes; a killed worker is replaced, and the jobs live and end with them."""

    def __init__(
        self, target: str, *, jobs: JobsProcess | None, rehearse: Callable[[], object], **options: Any
    ) -> None:
        """`rehearse` builds what a new worker would build, and raises where that one would."""
        super().__init__(target, **options)
        self._jobs = jobs
        self._rehearse = rehearse
        self.respawned_wrks = _Restarts()

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """Start the workers, then the jobs."""
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        if self._jobs is not None:
            self._jobs.start()

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Both stop at once: no request waits for a job."""
        if self._jobs is not None:
            self._jobs.ask_to_stop()
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        """Begin anew with the files as they are now, unless they hold a mistake: then everything stays as it is."""
        try:
            self._rehearse()
        except Exception as problem:  # noqa: BLE001 - no mistake in a file may end a server that runs
            _log.error("not reloaded", problem=str(problem))
            return
        super().signal_handler_reload(*args, **kwargs)  # type: ignore[no-untyped-call]
        if self._jobs is not None:
            self._jobs.restart()

    def shutdown(self, exit_code: int = 0) -> None:
        """Drain the workers and wait for the jobs."""
        try:
            super().shutdown(exit_code)  # type: ignore[no-untyped-call]
        finally:
            if self._jobs is not None:
                self._jobs.wait_until_stopped()


class _Restarts(dict[int, float]):
    """When each worker was last replaced, told only once it happens too often: then the server gives up.

    The server asks `get` and takes a recent answer for a crash loop; by itself two deaths in five seconds are one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._history: dict[int, deque[float]] = {}

    def __setitem__(self, worker: int, at: float) -> None:
        self._history.setdefault(worker, deque(maxlen=_MOST_RESTARTS)).append(at)

    def clear(self) -> None:
        """Forget nothing; the history bounds itself."""

    def get(self, worker: int, default: Any = None) -> Any:
        """The last time, when there were too many within a minute."""
        times = self._history.get(worker, deque())
        often = len(times) == _MOST_RESTARTS and times[-1] - times[0] < _WINDOW_SECONDS
        return times[-1] if often else default
