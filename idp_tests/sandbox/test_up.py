"""`./dev up` for real: all its programs, one word when they answer, and nothing left behind when it is stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from idp_sandbox.ports import Ports
from idp_sandbox.programs import answers

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(180)


class Up:
    """A running `up`, with the lines that it printed before it was ready."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.ports = free_ports()
        command = [sys.executable, "-m", "idp_sandbox", "up", "--data", str(data)]
        command += ["--ports-from", str(self.ports.idp), *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.lines: list[str] = []

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        watchdog = threading.Timer(90, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.lines[-1] == "Ready":
                watchdog.cancel()
                return
        pytest.fail("\n".join(self.lines) or "it said nothing")

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def free_ports() -> Ports:
    """Six ports in a row which nobody listens on, away from the range that the system hands out."""
    for _ in range(200):
        first = 10_000 + int.from_bytes(os.urandom(2)) % 20_000
        if not Ports.starting_at(first).taken():
            return Ports.starting_at(first)
    raise AssertionError("no six free ports in a row")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*options: str) -> Up:
        started.append(Up(tmp_path / "data", *options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop(signal.SIGTERM)
        if each.process.stdout:
            each.process.stdout.close()


def test_it_says_ready_when_all_programs_answer_and_leaves_nothing_when_stopped(up: Callable[..., Up]) -> None:
    world = up()
    world.wait_until_ready()
    ports = world.ports
    assert answers(f"http://localhost:{ports.idp}/.well-known/openid-configuration")
    assert answers(f"http://localhost:{ports.minasidor}/")
    assert answers(f"http://localhost:{ports.mittprezero}/")
    assert answers(f"http://localhost:{ports.phone}/")
    assert answers(f"http://localhost:{ports.playground}/")
    assert re.search(r"customer number 10012345, last four digits 0680", "\n".join(world.lines))
    assert str(world.data) in "\n".join(world.lines)
    assert len(world.lines) <= 11
    assert world.stop(signal.SIGINT) == 0
    assert ports.taken() == ()


def test_a_second_start_keeps_keys_and_data(up: Callable[..., Up]) -> None:
    first = up()
    first.wait_until_ready()
    first.stop(signal.SIGTERM)
    kept = {path: path.read_bytes() for path in (first.data / "idp" / "keys").rglob("*") if path.is_file()}
    assert kept
    second = up()
    second.wait_until_ready()
    second.stop(signal.SIGTERM)
    assert {path: path.read_bytes() for path in kept} == kept


def test_with_tls_everything_is_served_under_the_printed_authority(up: Callable[..., Up]) -> None:
    world = up("--tls", "--autopilot", "anna")
    world.wait_until_ready()
    line = next(line for line in world.lines if line.startswith("Certificates"))
    authority = Path(line.partition(": ")[2])
    for port in (world.ports.idp, world.ports.minasidor, world.ports.mittprezero, world.ports.phone):
        path = "/.well-known/openid-configuration" if port == world.ports.idp else "/"
        assert answers(f"https://localhost:{port}{path}", trusted_ca=authority)


@pytest.mark.skipif(sys.platform != "linux", reason="the children of a process are read from /proc")
def test_when_one_program_is_killed_the_others_stop_too(up: Callable[..., Up]) -> None:
    world = up()
    world.wait_until_ready()
    children = Path(f"/proc/{world.process.pid}/task/{world.process.pid}/children").read_text(encoding="ascii").split()
    victim = next(
        int(child) for child in children if b"idp_sandbox.mittprezero" in Path(f"/proc/{child}/cmdline").read_bytes()
    )
    os.kill(victim, signal.SIGKILL)
    rest, _ = world.process.communicate(timeout=30)
    assert "mittprezero ended (exit code -9)" in rest
    assert world.process.returncode == 1
    assert world.ports.taken() == ()


def test_a_taken_port_is_said_at_once(up: Callable[..., Up], tmp_path: Path) -> None:
    with socket.socket() as taken:
        world_ports = free_ports()
        taken.bind(("127.0.0.1", world_ports.phone))
        taken.listen()
        command = [sys.executable, "-m", "idp_sandbox", "up", "--data", str(tmp_path / "data")]
        command += ["--ports-from", str(world_ports.idp)]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 1
    assert f"Port {world_ports.phone} is taken" in answer.stderr
    assert "--ports-from" in answer.stderr


def test_a_second_start_on_a_directory_in_use_leaves_the_running_world_as_it_is(up: Callable[..., Up]) -> None:
    world = up()
    world.wait_until_ready()
    settings = world.data / "idp" / "idp.toml"
    before = settings.read_bytes()
    command = [sys.executable, "-m", "idp_sandbox", "up", "--data", str(world.data)]
    command += ["--ports-from", str(free_ports().idp), "--fresh"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 1
    assert f"{world.data} is used by another running world (pid {world.process.pid})" in answer.stderr
    assert "--data DIR" in answer.stderr
    assert settings.read_bytes() == before
    assert answers(f"http://localhost:{world.ports.idp}/readyz")
