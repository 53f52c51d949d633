"""Programs: the child processes of the world, each with a log file and a way to see that it is ready."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import requests

LAST_LINES = 15
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start, and how to see that it is ready."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]


class Running:
    """A started program."""

    def __init__(self, program: Program, *, logs: Path, environment: Mapping[str, str], directory: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        logs.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=directory,
                start_new_session=True,  # Ctrl-C reaches the world alone, which then stops everything in order
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no threads here
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def last_log_lines(self) -> list[str]:
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return text.splitlines()[-LAST_LINES:]

    def ask_to_stop(self) -> None:
        """Tell the program and its workers to finish."""
        self._signal(signal.SIGTERM)

    def ask_to_read_again(self) -> None:
        """Tell the program itself, not its workers, to read its files again."""
        self._process.send_signal(signal.SIGHUP)

    def wait_until_stopped(self, seconds: float) -> None:
        """Wait, then stop it for good."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        # Workers that outlived their parent are in the same group.
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _end_with_parent() -> None:
    """Have the kernel stop this child if the world is killed without a chance to do it."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def answers(
    address: str,
    *,
    trusted_ca: Path | None = None,
    certificate: tuple[Path, Path] | None = None,
    expected: int = 200,
) -> bool:
    """Whether an address answers with the expected status."""
    with requests.Session() as http:
        http.trust_env = False
        http.verify = str(trusted_ca) if trusted_ca else True
        http.cert = (str(certificate[0]), str(certificate[1])) if certificate else None
        try:
            return http.get(address, timeout=5, allow_redirects=False).status_code == expected
        except (requests.RequestException, OSError):
            return False
