"""`./dev up` for real: all its programs, one word when they answer, and nothing left behind when it is stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from idp_sandbox.programs import answers
from idp_tests.journeys.world import ROOT, RunningWorld, free_ports, running_world
from idp_tests.patience import PATIENCE


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    """The first start, which runs until a test needs the second."""
    with running_world(tmp_path_factory.mktemp("up") / "data") as running:
        yield running


@dataclass(frozen=True, kw_only=True)
class Restarted:
    """What a first start left behind, and the second on the same directory, still running."""

    exit_code: int
    taken: tuple[int, ...]
    kept: dict[Path, bytes]
    world: RunningWorld


@pytest.fixture(scope="module")
def restarted(world: RunningWorld) -> Iterator[Restarted]:
    """Its tests stand behind those of the first start."""
    exit_code = world.stop(signal.SIGINT)
    taken = world.ports.taken()
    kept = {path: path.read_bytes() for path in (world.data / "idp" / "keys").rglob("*") if path.is_file()}
    with running_world(world.data) as second:
        yield Restarted(exit_code=exit_code, taken=taken, kept=kept, world=second)


def test_it_says_ready_when_all_programs_answer(world: RunningWorld) -> None:
    ports = world.ports
    assert answers(f"http://localhost:{ports.idp}/.well-known/openid-configuration")
    assert answers(f"http://localhost:{ports.minasidor}/")
    assert answers(f"http://localhost:{ports.mittprezero}/")
    assert answers(f"http://localhost:{ports.phone}/")
    assert answers(f"http://localhost:{ports.playground}/")
    assert re.search(r"customer number 10012345, last four digits 0680", "\n".join(world.lines))
    assert str(world.data) in "\n".join(world.lines)
    assert len(world.lines) <= 11


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        world_ports = free_ports()
        taken.bind(("127.0.0.1", world_ports.phone))
        taken.listen()
        command = [sys.executable, "-m", "idp_sandbox", "up", "--data", str(tmp_path / "data")]
        command += ["--ports-from", str(world_ports.idp)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert answer.returncode == 1
    assert f"Port {world_ports.phone} is taken" in answer.stderr
    assert "--ports-from" in answer.stderr


def test_a_second_start_on_a_directory_in_use_leaves_the_running_world_as_it_is(world: RunningWorld) -> None:
    settings = world.data / "idp" / "idp.toml"
    before = settings.read_bytes()
    command = [sys.executable, "-m", "idp_sandbox", "up", "--data", str(world.data)]
    command += ["--ports-from", str(free_ports().idp), "--fresh"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert answer.returncode == 1
    assert f"{world.data} is used by another running world (pid {world.process.pid})" in answer.stderr
    assert "--data DIR" in answer.stderr
    assert settings.read_bytes() == before
    assert answers(f"http://localhost:{world.ports.idp}/readyz")


def test_it_leaves_nothing_when_it_is_stopped(restarted: Restarted) -> None:
    assert (restarted.exit_code, restarted.taken) == (0, ())


def test_a_second_start_keeps_keys_and_data(restarted: Restarted) -> None:
    assert restarted.kept
    assert {path: path.read_bytes() for path in restarted.kept} == restarted.kept


@pytest.mark.skipif(sys.platform != "linux", reason="the children of a process are read from /proc")
def test_when_one_program_is_killed_the_others_stop_too(restarted: Restarted) -> None:
    world = restarted.world
    children = Path(f"/proc/{world.process.pid}/task/{world.process.pid}/children").read_text(encoding="ascii").split()
    victim = next(
        int(child) for child in children if b"idp_sandbox.mittprezero" in Path(f"/proc/{child}/cmdline").read_bytes()
    )
    os.kill(victim, signal.SIGKILL)
    rest, _ = world.process.communicate(timeout=PATIENCE)
    assert "mittprezero ended (exit code -9)" in rest
    assert world.process.returncode == 1
    assert world.ports.taken() == ()
