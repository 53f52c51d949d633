"""Programs of relying parties: npm packages installed once per lock file, and processes that say when they are ready."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from idp_tests.patience import PATIENCE, soon

HERE = Path(__file__).parent
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
CACHE = HERE.parents[1] / ".var" / "npm"
OLDEST_NODE = 20
"""openid-client uses the Web Crypto API as a global."""


def need_node() -> str:
    """The path of a usable Node, or a skip that says what is missing."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed; relying parties in JavaScript cannot run")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(said.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node is {said}; openid-client needs {OLDEST_NODE} or newer")
    return node


def install_packages() -> Path:
    """The directory that holds node_modules as package-lock.json says; npm's own settings name the registry."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PACKAGES)).hexdigest()[:16]
    place = CACHE / digest
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{digest}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "complete").exists():
            _install(place)
    return place


def _install(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name in PACKAGES:
        shutil.copy(HERE / name, place / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode != 0:
        pytest.skip(f"npm could not install the packages of package-lock.json: {done.stderr.strip()[-200:]}")
    (place / "complete").touch()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str],
    *,
    address: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    directory: Path,
    within: float = 30.0,
) -> Iterator[None]:
    """A relying party as its own process, from when its address answers until the end of the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def answers() -> bool:
        if process.poll() is not None:
            raise AssertionError(f"{command[0]} ended: {log.read_text(encoding='utf-8', errors='replace')}")
        try:
            requests.get(address, timeout=5, allow_redirects=False)
        except requests.RequestException:
            return False
        return True

    try:
        soon(answers, f"{command[0]} answers", within=within)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
