"""The supervisor as its own process: what dies is replaced, a reload overlaps, an end leaves nobody behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from idp_tests import patience

ROOT = Path(__file__).resolve().parents[2]
WITHIN_SECONDS = patience.PATIENCE
PROGRAM = """
import os, select, signal, sys, threading
from pathlib import Path
from idp.serving.supervisor import Supervisor

here = Path(sys.argv[1])

def say(*words):
    with (here / "said").open("a") as said:
        said.write(" ".join(str(word) for word in words) + "\\n")

def program(kind, how):
    def run(life):
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        if how == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if how not in ("dies", "slow"):
            life.ready()  # before a test hears of it: one that is killed in between is another story
        say(kind, "runs", os.getpid(), life.name, "/".join(life.replaces) or "nobody", how)
        if how == "dies":
            return
        while not stop.is_set() and not select.select([life.lifeline], [], [], 0.02)[0]:
            pass
        say(kind, "ends", os.getpid())
    return run

def build():
    how = (here / "how").read_text()
    if how == "mistake":
        raise ValueError("a mistake in a file")
    say("built", how)
    return {kind: program(kind, how) for kind in ("web", "jobs")}

Supervisor(build=build, stopping=lambda: say("stopping")).run()
say("over")
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are forked")


class Node:
    """A running supervisor of two toy programs, and what they said."""

    def __init__(self, directory: Path, how: str = "well") -> None:
        self.directory = directory
        self.be(how)
        code = textwrap.dedent(PROGRAM)
        with (directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, str(directory)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
            )

    def be(self, how: str) -> None:
        (self.directory / "how").write_text(how)

    def said(self, *words: str) -> list[list[str]]:
        """Every line that begins with these words."""
        path = self.directory / "said"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if line[: len(words)] == list(words)]

    def log(self) -> str:
        return (self.directory / "log").read_text()

    def pid(self, kind: str) -> int:
        return int(self.said(kind, "runs")[-1][2])

    def until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + WITHIN_SECONDS
        while not holds():
            assert time.monotonic() < deadline, (self.said(), self.log())
            time.sleep(0.01)

    def until_it_runs(self) -> None:
        self.until(lambda: self.said("web", "runs") and self.said("jobs", "runs"))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    made.until_it_runs()
    yield made
    with suppress(ProcessLookupError):
        made.process.kill()
    made.process.wait()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_an_end_is_told_once_and_waited_for(node: Node) -> None:
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(WITHIN_SECONDS) == 0
    assert [line[0] for line in node.said()][-4:] in (
        ["stopping", "web", "jobs", "over"],
        ["stopping", "jobs", "web", "over"],
    )


def test_what_dies_is_replaced_and_its_successor_knows_whom_it_replaces(node: Node) -> None:
    first = node.said("web", "runs")[0]
    os.kill(node.pid("web"), signal.SIGKILL)
    node.until(lambda: len(node.said("web", "runs")) == 2)
    assert node.said("web", "runs")[1][4] == first[3]
    assert len(node.said("jobs", "runs")) == 1
    assert '"exit_code": -9' in node.log() or "exit_code=-9" in node.log()


def test_what_dies_again_and_again_is_started_with_pauses(tmp_path: Path) -> None:
    node = Node(tmp_path, "dies")
    node.until(lambda: len(node.said("web", "runs")) == 3)
    assert node.log().count("process ended") >= 4
    assert len(node.said("web", "runs")) == 3
    names = [line[3] for line in node.said("web", "runs")]
    assert node.said("web", "runs")[2][4].split("/") == ["", *names[:2]]
    node.process.kill()
    node.process.wait()


def test_a_killed_supervisor_leaves_nobody_behind(node: Node) -> None:
    everybody = [node.pid("web"), node.pid("jobs")]
    node.process.kill()
    node.process.wait()
    node.until(lambda: all(is_gone(pid) for pid in everybody))


def test_a_reload_starts_the_new_before_it_ends_the_old(node: Node) -> None:
    old = [node.pid("web"), node.pid("jobs")]
    node.be("otherwise")
    node.process.send_signal(signal.SIGHUP)
    node.until(lambda: len(node.said("web", "ends")) == len(node.said("jobs", "ends")) == 1)
    lines = [" ".join(line[:2]) for line in node.said()]
    assert max(lines.index("web runs", 3), lines.index("jobs runs", 3)) < lines.index("web ends")
    assert [int(line[2]) for line in node.said("web", "ends") + node.said("jobs", "ends")] == old
    assert node.said("web", "runs")[1][4:] == ["nobody", "otherwise"]


@pytest.mark.parametrize("how", ["mistake", "dies"])
def test_a_reload_that_cannot_work_leaves_everything_as_it_is(node: Node, how: str) -> None:
    old = [node.pid("web"), node.pid("jobs")]
    node.be(how)
    node.process.send_signal(signal.SIGHUP)
    node.until(lambda: "not reloaded" in node.log())
    node.be("well")
    os.kill(old[0], signal.SIGKILL)
    node.until(lambda: node.said("web", "runs")[-1][5] == "well" and node.pid("web") != old[0])
    assert not is_gone(old[1])


def test_a_second_signal_ends_who_does_not_want_to(tmp_path: Path) -> None:
    node = Node(tmp_path, "stubborn")
    node.until_it_runs()
    everybody = [node.pid("web"), node.pid("jobs")]
    node.process.send_signal(signal.SIGTERM)
    node.until(lambda: node.said("stopping"))
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(WITHIN_SECONDS) == 0
    assert all(is_gone(pid) for pid in everybody)
