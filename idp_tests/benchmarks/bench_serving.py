"""What `idp serve` costs and bears: start, memory, requests per CPU second, and 1,000 stalled sockets beside everybody else.

By hand: `.venv/bin/pytest idp_tests/benchmarks/bench_serving.py -s`. Machines are noisy: compare the ratios of one run.
"""

import contextlib
import http.client
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp_tests.cli.installation import Installation, installation_files, new_installation_files

__all__ = ["installation_files", "new_installation_files"]

ROOT = Path(__file__).resolve().parents[2]
PATHS = ("/livez", "/jwks.json", "/.well-known/openid-configuration")
REQUESTS = 3000
STALLED = 1000
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
HOST = b"Host: id.example\r\n"
STALLS = {
    "silent": b"",
    "slow head": b"GET /livez HTTP/1.1\r\n" + HOST + b"X-Slow: ",
    "slow body": b"POST /token HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 1000\r\n\r\ng",
    "unfinished chunk": b"POST /token HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\ng",
    "slow reader": (b"GET /jwks.json HTTP/1.1\r\n" + HOST + b"\r\n") * 20,
}


class Served:
    """A running `idp serve` and its port."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = ["--config", str(directory / "idp.toml"), "serve", "--port", str(self.port), "--workers", "2"]
        began = time.monotonic()
        with (directory / "serve.log").open("wb") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "idp", *words], stdout=log, stderr=log, cwd=ROOT)
        while not self._answers():
            assert self.process.poll() is None, (directory / "serve.log").read_text(encoding="utf-8")
            time.sleep(0.01)
        self.seconds_to_first_answer = time.monotonic() - began

    def _answers(self) -> bool:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            try:
                connection.request("GET", "/livez")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def processes(self) -> list[int]:
        found, new = [], [self.process.pid]
        while new:
            pid = new.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").iterdir():
                new += [int(child) for child in (task / "children").read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> list[float]:
        lines = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.processes()]
        return [int(text.partition("Pss:")[2].split()[0]) / 1024 for text in lines]

    def stop(self) -> float:
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(60)
        return time.monotonic() - began


@pytest.fixture
def served(installation_files: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(installation_files, tmp_path / "idp")
    installed = Installation(tmp_path / "idp")
    running = Served(installed.directory)
    yield running
    if running.process.poll() is None:
        print(f"stop: {running.stop():.2f} s")


def latencies(port: int, path: str, requests: int) -> list[float]:
    """Milliseconds of each answer to one client that keeps its connection."""
    took = []
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=8)) as connection:
        for _ in range(requests):
            began = time.perf_counter()
            connection.request("GET", path)
            connection.getresponse().read()
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def test_start_and_memory(served: Served) -> None:
    time.sleep(4)
    each = served.memory_mib()
    print(f"\nstart to first answer: {served.seconds_to_first_answer:.2f} s")
    print(f"memory (PSS): {sum(each):.0f} MiB in {len(each)} processes: {', '.join(f'{mib:.0f}' for mib in each)}")


@pytest.mark.skipif(shutil.which("wrk") is None, reason="the load driver wrk is not installed")
def test_requests_per_cpu_second(served: Served) -> None:
    print()
    for path in PATHS:
        before = served.cpu_seconds()
        command = ["wrk", "-t1", "-c32", "-d3", f"http://127.0.0.1:{served.port}{path}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        done = int(told.partition(" requests in")[0].split()[-1])
        assert "Non-2xx" not in told
        print(f"{path:<36} {(served.cpu_seconds() - before) / done * 1e6:6.0f} us CPU per request, {done / 3:6.0f} r/s")


@pytest.mark.timeout(600)
def test_stalled_sockets_beside_everybody_else(served: Served) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, most))
    latencies(served.port, "/jwks.json", 300)
    quiet = latencies(served.port, "/jwks.json", REQUESTS)
    print(f"\nquiet: p50 {percentile(quiet, 0.5):.2f} ms, p99 {percentile(quiet, 0.99):.2f} ms")
    for name, sent in {**STALLS, "all of them": None}.items():
        kinds = list(STALLS.values()) if sent is None else [sent]
        with contextlib.ExitStack() as held:
            for number in range(STALLED):
                stalled = held.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=10))
                stalled.sendall(kinds[number % len(kinds)])
            time.sleep(1)
            began = time.monotonic()
            try:
                took = latencies(served.port, "/jwks.json", REQUESTS)
            except (OSError, http.client.HTTPException) as problem:
                print(
                    f"{STALLED} × {name}: no answer within {time.monotonic() - began:.0f} s ({type(problem).__name__})"
                )
                continue
        print(
            f"{STALLED} × {name}: p50 {percentile(took, 0.5):.2f} ms, p99 {percentile(took, 0.99):.2f} ms"
            f" (x{percentile(took, 0.99) / percentile(quiet, 0.99):.2f}), longest {took[-1]:.0f} ms"
        )
