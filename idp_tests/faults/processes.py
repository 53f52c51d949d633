"""The provider's processes as the system sees them, so that a test can kill them."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from idp_tests.journeys.world import RunningWorld
from idp_tests.patience import soon


@dataclass(frozen=True, slots=True)
class ProviderProcesses:
    """`idp serve` of one world: its web workers and its jobs."""

    world: RunningWorld

    def serve(self) -> int:
        return next(pid for pid in _children(self.world.process.pid) if "serve" in _command(pid))

    def jobs(self) -> list[int]:
        return [pid for pid in _children(self.serve()) if _name(pid) == "idp jobs"]

    def web(self) -> list[int]:
        return [pid for pid in _children(self.serve()) if _name(pid).startswith("idp web")]

    def kill_web(self) -> None:
        """SIGKILL every worker, see that they are gone, and wait until the provider answers again."""
        before = self.web()
        assert before, "there is no worker to kill"
        _kill(before)
        soon(lambda: not set(before) & set(self.web()), "the workers are gone")
        soon(self._answers, "the provider answers again")

    def kill_jobs(self) -> None:
        """SIGKILL the jobs and wait until the supervisor has started others."""
        before = self.jobs()
        assert before, "there are no jobs to kill"
        _kill(before)
        soon(lambda: set(self.jobs()) - set(before), "other jobs run")

    @contextmanager
    def jobs_paused(self) -> Iterator[None]:
        """Hold the jobs still, to make something happen between two of their steps."""
        held = self.jobs()
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        yield
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.world.idp}/readyz", timeout=5).ok
        except requests.RequestException:
            return False


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    """Those alive; a child that has been killed and not yet been asked after does not count."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return []
    found = [int(child) for task in tasks for child in _read(task / "children").split()]
    return [child for child in found if _command(child)]


def _command(pid: int) -> list[str]:
    return [part for part in _read(Path(f"/proc/{pid}/cmdline")).split("\0") if part]


def _name(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/comm")).strip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
