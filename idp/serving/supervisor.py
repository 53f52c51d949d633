"""The supervisor: makes the processes of this node out of one that is ready, and keeps them running.

What they run is built once, here; a process made from that is ready in milliseconds, shares its memory, and is replaced
as fast when it dies. On SIGHUP everything is built again: with a mistake in it all stays as it is; without, the new
processes run before the old ones stop. It may be the first process of a container.
"""

import os
import secrets
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, NoReturn

import structlog

from idp.serving import process

_log = structlog.get_logger("idp.serve")

STOP_SECONDS: Final = 28.0
"""Longer than any program takes to end in order; containers are killed after 30."""
READY_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What a program gets to know about the process it runs in."""

    name: str
    """Of this process among all of this node."""
    lifeline: int
    """A file that ends when the supervisor is gone; then so must this process."""
    replaces: Sequence[str]
    """Beginnings of the names of dead processes whose place it takes; "" means all before this supervisor."""
    ready: Callable[[], None]
    """To be called when the program works."""


Program = Callable[[Life], None]
"""Runs until SIGTERM, or until the lifeline ends, and returns."""
Build = Callable[[], Mapping[str, Program]]
"""Makes the programs of one node, by name; raises when they could not run."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    """One process that shall run: who it is now, and when it is started again."""

    program: str
    run: Program
    pid: int | None = None
    name: str = ""
    started_at: float = 0.0
    starts_at: float = 0.0
    pause: float = 0.0
    ready: socket.socket | None = None
    is_ready: bool = False
    replaces: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Supervisor:
    """One per node."""

    build: Build
    stopping: Callable[[], None]
    """Called when the end begins, before any process is told."""
    _places: list[_Place] = field(default_factory=list)
    _old: dict[int, str] = field(default_factory=dict)
    """Processes of before the last reload that are still ending."""
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _signals: list[int] = field(default_factory=list)
    _lifeline: tuple[int, int] = (-1, -1)
    """A pipe that nobody writes to: it ends with this process, which alone holds the other end."""

    def run(self) -> None:
        """Build, start, and watch until SIGTERM or SIGINT. Raises what `build` raises."""
        with ExitStack() as ends:
            ends.callback(self._selector.close)
            wakes, woken = (ends.enter_context(each) for each in socket.socketpair())
            wakes.setblocking(False)
            self._selector.register(woken, selectors.EVENT_READ)
            self._lifeline = os.pipe()
            for end in self._lifeline:
                ends.callback(os.close, end)
            ends.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(wakes.fileno()))
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
                ends.callback(signal.signal, number, signal.signal(number, self._note))
            self._places = [_Place(program=name, run=run, replaces=("",)) for name, run in self.build().items()]
            self._watch(woken)
            self._stop(woken)

    def _watch(self, woken: socket.socket) -> None:
        while signal.SIGTERM not in self._signals and signal.SIGINT not in self._signals:
            if signal.SIGHUP in self._signals:
                self._signals.remove(signal.SIGHUP)
                self._reload()
            self._reap()
            self._start_what_is_due()
            self._wait(woken)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._signals.append(number)

    def _wait(self, woken: socket.socket, most: float = 3600) -> None:
        """For a signal, a process that is ready, or the next start."""
        now = time.monotonic()
        until = min((place.starts_at for place in self._places if place.pid is None), default=now + most)
        for key, _ in self._selector.select(min(most, max(0.0, until - now))):
            if key.fileobj is woken:
                woken.recv(4096)
            else:
                self._hear(key.data)

    def _hear(self, place: _Place) -> None:
        """It says that it is ready, or its end of the line is closed: it is gone."""
        assert place.ready is not None  # noqa: S101 - registered with it
        place.is_ready = bool(place.ready.recv(1)) or place.is_ready
        self._hang_up(place)

    def _hang_up(self, place: _Place) -> None:
        if place.ready is not None:
            self._selector.unregister(place.ready)
            place.ready.close()
            place.ready = None

    # ---- starting ---------------------------------------------------------------------------------------------------

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if place.pid is None and place.starts_at <= now:
                self._start(place)

    def _start(self, place: _Place) -> None:
        ours, theirs = socket.socketpair()
        name, place.started_at = secrets.token_hex(4), time.monotonic()
        try:
            pid = os.fork()
        except OSError as problem:  # no memory or no process left: it passes
            ours.close()
            theirs.close()
            reason = os.strerror(problem.errno or 0)
            _log.error("process not started", program=place.program, reason=reason, again_in_seconds=place.pause)
            self._put_off(place)
            return
        if pid == 0:
            ours.close()
            self._become(place, name, theirs)
        theirs.close()
        place.pid, place.name, place.ready, place.is_ready = pid, name, ours, False
        self._selector.register(ours, selectors.EVENT_READ, place)

    def _become(self, place: _Place, name: str, ready: socket.socket) -> NoReturn:
        """In the new process: run the program and end with it, whatever happens."""
        code = 1
        try:
            process.be_called(f"idp {place.program}")
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # a terminal sends them to everybody; the supervisor decides
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._selector.close()
            os.close(self._lifeline[1])

            def say_ready() -> None:
                with suppress(OSError):
                    ready.send(b"!")

            place.run(Life(name=name, lifeline=self._lifeline[0], replaces=place.replaces, ready=say_ready))
            code = 0
        except BaseException:  # noqa: BLE001 - nothing of the supervisor's may run on in this process
            _log.exception("program failed", program=place.program)
        finally:
            os._exit(code)

    # ---- ends -------------------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Take note of every process that has ended, also of strangers that became ours as those of process 1 do."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._old.pop(pid, None)
            for place in self._places:
                if place.pid == pid:
                    self._ended(place, os.waitstatus_to_exitcode(status))

    def _ended(self, place: _Place, code: int) -> None:
        """One that was ready is replaced at once, but never more often than once a second; others with growing pauses."""
        if place.ready is not None:
            self._hear(place)  # it may have been ready for a moment
        if place.is_ready:
            place.pause = max(0.0, place.started_at + _PAUSE_SECONDS - time.monotonic())
            place.replaces = (place.name,)
        else:
            place.replaces = (*place.replaces, place.name)  # it may not have done what its predecessor left
        place.pid = None
        _log.error("process ended", program=place.program, exit_code=code, again_in_seconds=round(place.pause, 1))
        self._put_off(place)

    @staticmethod
    def _put_off(place: _Place) -> None:
        place.starts_at = time.monotonic() + place.pause
        place.pause = min(place.pause * 2 + _PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)

    # ---- reload and stop --------------------------------------------------------------------------------------------

    def _reload(self) -> None:
        try:
            built = self.build()
        except Exception as problem:  # noqa: BLE001 - no mistake in a file may end a server that runs
            _log.error("not reloaded", problem=str(problem))
            return
        before = self._places
        dead = {place.program: place.replaces for place in before if place.pid is None}
        self._places = [_Place(program=name, run=run, replaces=dead.get(name, ())) for name, run in built.items()]
        self._start_what_is_due()
        if self._become_ready():
            _log.info("reloaded")
            self._dismiss(before)
        else:
            _log.error("not reloaded", problem="a new process did not become ready")
            self._dismiss(self._places)
            self._places = before

    def _dismiss(self, places: Iterable[_Place]) -> None:
        for place in places:
            self._hang_up(place)
            if place.pid is not None:
                self._old[place.pid] = place.program
                _send(place.pid, signal.SIGTERM)

    def _become_ready(self) -> bool:
        """Wait until every new process works; False when one ends, or takes too long."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if all(place.is_ready for place in self._places):
                return True
            if any(place.ready is None and not place.is_ready for place in self._places):
                return False
            for key, _ in self._selector.select(until - time.monotonic()):
                if isinstance(key.data, _Place):
                    self._hear(key.data)
                elif isinstance(key.fileobj, socket.socket):
                    key.fileobj.recv(4096)
            if signal.SIGTERM in self._signals or signal.SIGINT in self._signals:
                return True
        return False

    def _stop(self, woken: socket.socket) -> None:
        """Tell everybody, wait, and kill what does not end; a second signal is impatience."""
        self.stopping()
        everybody = {place.pid for place in self._places if place.pid is not None} | set(self._old)
        told = len(self._signals)
        for pid in everybody:
            _send(pid, signal.SIGTERM)
        for place in self._places:
            self._hang_up(place)
        self._places = []
        until = time.monotonic() + STOP_SECONDS
        while (everybody := {pid for pid in everybody if _runs(pid)}) and time.monotonic() < until:
            self._wait(woken, 0.5)
            if len(self._signals) > told:
                break
        for pid in everybody:
            _log.error("process killed", pid=pid)
            _send(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _runs(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
