"""The data lock: a second world on the same directory is turned away before it writes anything."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp_sandbox.data_lock import FILE_NAME, DataLock, DirectoryInUseError
from idp_sandbox.plan import Plan
from idp_sandbox.ports import Ports
from idp_sandbox.world import World, WorldProblem

HOLD = """
import sys
from pathlib import Path
from idp_sandbox.data_lock import DataLock
lock = DataLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds tmp_path/data."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_world_is_refused_with_directory_process_and_way_out_and_writes_nothing(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "idp").mkdir()
    (data / "idp" / "idp.toml").write_text("kept", encoding="utf-8")
    world = World(Plan(data=data, ports=Ports.starting_at(9100), fresh=True))
    with pytest.raises(WorldProblem) as problem:
        world.start()
    world.stop()
    assert f"{data} is used by another running world (pid {holder.pid})" in str(problem.value)
    assert "take another: ./dev up --data DIR" in str(problem.value)
    assert sorted(path.name for path in data.rglob("*")) == ["idp", "idp.toml", FILE_NAME]
    assert (data / FILE_NAME).read_text(encoding="utf-8") == f"{holder.pid}\n"


def test_the_directory_is_named_rather_than_the_ports_that_its_world_took(
    holder: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ports, "taken", lambda _: (9100,))
    with pytest.raises(WorldProblem, match=f"pid {holder.pid}"):
        World(Plan(data=tmp_path / "data", ports=Ports.starting_at(9100))).start()


def test_the_lock_of_a_killed_world_is_free_again(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    lock = DataLock(tmp_path / "data")
    lock.take()
    assert (tmp_path / "data" / FILE_NAME).read_text(encoding="utf-8") == f"{os.getpid()}\n"
    lock.release()


def test_a_released_lock_can_be_taken_and_taking_it_twice_is_once(tmp_path: Path) -> None:
    first, second = DataLock(tmp_path), DataLock(tmp_path)
    first.take()
    first.take()
    with pytest.raises(DirectoryInUseError) as refusal:
        second.take()
    assert refusal.value.pid == os.getpid()
    first.release()
    second.take()
    second.release()


def test_a_directory_that_cannot_be_made_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ports, "taken", lambda _: ())
    (tmp_path / "file").touch()
    with pytest.raises(WorldProblem, match="cannot be used: Not a directory"):
        World(Plan(data=tmp_path / "file" / "data", ports=Ports.starting_at(9100))).start()
