"""What `idp serve` costs and bears: start, memory, requests per CPU second, and 1,000 stalled sockets beside everybody else.

By hand: `.venv/bin/pytest idp_tests/benchmarks/bench_serving.py -s`. Machines are noisy: compare the ratios of one run.
"""

import contextlib
import http.client
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idp_sandbox.local_authority import LocalAuthority
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
    """A running `idp serve` and its port; with a context, it ends TLS itself."""

    def __init__(self, directory: Path, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
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
        with contextlib.closing(self.connection(timeout=30)) as connection:
            try:
                connection.request("GET", "/livez")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self.tls)

    def stall(self, sent: bytes, *, shakes_hands: bool) -> socket.socket:
        """A client that says this much, and nothing more."""
        stalled = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        if self.tls is not None and shakes_hands:
            stalled = self.tls.wrap_socket(stalled, server_hostname="localhost")
        stalled.sendall(sent)
        return stalled

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


@pytest.fixture
def served_by_tls(installation_files: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(installation_files, tmp_path / "idp")
    installed = Installation(tmp_path / "idp")
    authority = LocalAuthority.load_or_make(tmp_path / "tls", now=datetime.now(UTC))
    ends = f'[server]\ntls_certificate = "{authority.certificate}"\ntls_key = "{authority.key}"'
    installed.change("[server]", ends)
    running = Served(installed.directory, ssl.create_default_context(cafile=str(authority.ca)))
    yield running
    running.stop()


def latencies(served: Served, path: str, requests: int) -> list[float]:
    """Milliseconds of each answer to one client that keeps its connection."""
    took = []
    with contextlib.closing(served.connection(timeout=8)) as connection:
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
    stall(served, {name: (sent, True) for name, sent in STALLS.items()})


@pytest.mark.timeout(600)
def test_stalled_sockets_beside_everybody_else_over_tls(served_by_tls: Served) -> None:
    hello = b"\x16\x03\x01\x02\x00\x01"
    unfinished = {"no handshake": (b"", False), "half a handshake": (hello, False)}
    stall(served_by_tls, unfinished | {name: (sent, True) for name, sent in STALLS.items()})


def stall(served: Served, kinds: dict[str, tuple[bytes, bool]]) -> None:
    """Print what one client waits, first alone and then beside 1,000 sockets of each kind."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, most))
    latencies(served, "/jwks.json", 300)
    quiet = latencies(served, "/jwks.json", REQUESTS)
    print(f"\nquiet: p50 {percentile(quiet, 0.5):.2f} ms, p99 {percentile(quiet, 0.99):.2f} ms")
    mixtures = {**{name: [kind] for name, kind in kinds.items()}, "all of them": list(kinds.values())}
    for name, mixture in mixtures.items():
        with contextlib.ExitStack() as held:
            for number in range(STALLED):
                sent, shakes_hands = mixture[number % len(mixture)]
                held.enter_context(served.stall(sent, shakes_hands=shakes_hands))
            time.sleep(1)
            began = time.monotonic()
            try:
                took = latencies(served, "/jwks.json", REQUESTS)
            except (OSError, http.client.HTTPException) as problem:
                print(
                    f"{STALLED} × {name}: no answer within {time.monotonic() - began:.0f} s ({type(problem).__name__})"
                )
                continue
        print(
            f"{STALLED} × {name}: p50 {percentile(took, 0.5):.2f} ms, p99 {percentile(took, 0.99):.2f} ms"
            f" (x{percentile(took, 0.99) / percentile(quiet, 0.99):.2f}), longest {took[-1]:.0f} ms"
        )
