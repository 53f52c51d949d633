"""`idp serve` as a process: it refuses to start half-ready, survives what is killed, and stops in order."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from idp_tests.cli.installation import Installation
from idp_tests.patience import PATIENCE, soon

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc, which Linux has")


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running `idp serve`."""

    def __init__(self, installed: Installation, *words: str) -> None:
        self.port = a_free_port()
        self.log = installed.directory / "serve.log"
        command = [sys.executable, "-m", "idp", "--config", str(installed.settings), "serve", "--port", str(self.port)]
        command += words
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)

    def is_ready(self, query: str = "") -> bool:
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz{query}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def said(self, event: str) -> int:
        return self.log.read_text(encoding="utf-8").count(f'"event": "{event}"')

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for task in listed.iterdir() for pid in (task / "children").read_text().split()]

    @property
    def jobs(self) -> int:
        return next(pid for pid in self.children() if name_of(pid) == "idp jobs")

    @property
    def web_workers(self) -> list[int]:
        return [pid for pid in self.children() if name_of(pid).startswith("idp web")]


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def serving(installed: Installation, *words: str) -> Iterator[Server]:
    running = Server(installed, *words)
    with ending(running.process):
        soon(running.is_ready, "the server is ready")
        soon(lambda: running.said("jobs started") == 1, "the jobs have started")
        yield running


@contextmanager
def ending(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Kill it after the block."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(installation_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the tests after which it still runs, and for the one that stops it."""
    directory = tmp_path_factory.mktemp("serve") / "idp"
    shutil.copytree(installation_files, directory)
    with serving(Installation(directory)) as running:
        yield running


def test_a_start_says_what_logins_do_not_prove(server: Server) -> None:
    assert server.said("logins not wholly proved") >= 1


def test_no_process_leaves_its_memory_in_a_file(server: Server) -> None:
    for pid in (server.process.pid, *server.children()):
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8").splitlines()
        [core] = [line for line in limits if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]


def test_an_aborted_process_leaves_no_core_and_shows_its_memory_to_nobody(tmp_path: Path) -> None:
    """What the kernel says of it: not dumpable, which also keeps out who collects dumps by a pipe."""
    program = (
        "import ctypes, os, resource; from idp.serving.process import forbid_core_dumps; "
        "resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, resource.getrlimit(resource.RLIMIT_CORE)[1])); "
        "forbid_core_dumps(); print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True); os.abort()"
    )
    with (tmp_path / "said").open("wb") as output:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", program],
            {"PYTHONPATH": str(ROOT)},
            file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)],
        )
    _, status = os.waitpid(pid, 0)
    assert (os.WTERMSIG(status), os.WCOREDUMP(status)) == (signal.SIGABRT, False)
    assert (tmp_path / "said").read_text() == "0\n"


def test_no_secret_stands_in_the_environment_of_a_process(server: Server) -> None:
    """It is shown by `ps`, by crash reports and to every child; settings name files instead."""
    directory = server.log.parent
    secrets = {
        value
        for path in (*directory.glob("keys/**/*.json"), directory / "rp.pem")
        for value in re.findall(r"[A-Za-z0-9+/_-]{32,}", path.read_text(encoding="utf-8"))
    }
    assert len(secrets) > 10
    for pid in (server.process.pid, *server.children()):
        with suppress(PermissionError):  # the kernel shows it to nobody: so much the better
            environment = Path(f"/proc/{pid}/environ").read_text(encoding="utf-8", errors="replace")
            assert [secret for secret in secrets if secret in environment] == []
        shown = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
        assert [secret for secret in secrets if secret in shown] == []


def test_eight_unfinished_bodies_stop_nobody(server: Server) -> None:
    head = b"POST /token HTTP/1.1\r\nHost: id.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with ExitStack() as held:
        for number in range(16):
            client = held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
            length = b"Content-Length: 1000\r\n\r\n" if number % 2 else b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n"
            client.sendall(head + length + b"g")
        assert server.is_ready()


def test_a_mistake_in_a_client_file_keeps_a_running_server_as_it_is(server: Server) -> None:
    workers, broken = server.web_workers, server.log.parent / "clients" / "broken.toml"
    broken.write_text("x = 1", encoding="utf-8")
    server.process.send_signal(signal.SIGHUP)
    soon(lambda: server.said("not reloaded") == 1, "the reload is refused")
    assert server.web_workers == workers
    assert server.is_ready()
    broken.unlink()


def test_killed_jobs_and_a_killed_worker_are_replaced(server: Server) -> None:
    worker, jobs, before = server.web_workers[0], server.jobs, server.said("jobs started")
    os.kill(jobs, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    soon(lambda: server.said("jobs started") == before + 1, "other jobs have started")
    soon(
        lambda: len(server.web_workers) == 2 and worker not in server.web_workers,
        "another worker runs",
    )
    assert server.is_ready()
    assert server.jobs != jobs


def test_a_reload_leaves_no_moment_without_jobs(server: Server) -> None:
    before = server.children()
    server.process.send_signal(signal.SIGHUP)
    soon(lambda: server.said("jobs stopped") == 1, "the jobs have stopped")
    soon(lambda: all(is_gone(pid) for pid in before), "the old processes have ended")
    told = server.log.read_text(encoding="utf-8")
    assert told.rindex('"event": "jobs started"') < told.index('"event": "jobs stopped"')
    soon(lambda: len(server.children()) == 3, "three processes run")
    assert server.is_ready()


def test_a_stop_is_orderly(server: Server) -> None:
    everybody, before = server.children(), server.said("jobs stopped")
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(PATIENCE) == 0
    assert all(is_gone(pid) for pid in everybody)
    assert server.said("jobs stopped") == before + 1


def test_a_killed_server_leaves_nobody_behind(installed: Installation) -> None:
    with serving(installed) as server:
        everybody = server.children()
        server.process.kill()
        soon(lambda: all(is_gone(pid) for pid in everybody), "everybody has ended")


def test_an_end_is_told_to_balancers_before_connections_are_refused(installed: Installation) -> None:
    with serving(installed, "--unready", "20") as server:
        server.process.send_signal(signal.SIGTERM)
        soon(lambda: not server.is_ready(), "the server takes no more requests")
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE):
            server.process.send_signal(signal.SIGTERM)  # impatient
        assert server.process.wait(PATIENCE) == 0


def test_web_workers_without_any_jobs_are_ready_for_who_is_logged_in_alone(installed: Installation) -> None:
    """Until jobs run somewhere: here, on another node, or again."""
    server = Server(installed, "--no-jobs")
    command = [sys.executable, "-m", "idp", "--config", str(installed.settings), "jobs"]
    with ending(server.process):
        soon(lambda: server.is_ready("?exclude=collector"), "the web workers serve")
        assert not server.is_ready()
        with ending(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)):
            soon(server.is_ready, "logins can be served")


def test_the_figures_of_all_processes_of_a_node_stand_at_one_address(installed: Installation) -> None:
    """Callers are unknown to web workers, BankID is the jobs', and each is asked for on its own connection."""
    port = a_free_port()
    installed.change("10.0.0.0/24", "127.0.0.0/8")
    installed.change("[mail]", f"[metrics]\nport = {port}\n[mail]")
    with serving(installed) as server:
        headers = {"Origin": "https://id.example", "X-Forwarded-For": "unknown"}
        for _ in range(8):
            urlopen(Request(f"http://127.0.0.1:{server.port}/address-probe", b"question=x", headers), timeout=PATIENCE)

        def shown() -> dict[str, float]:
            try:
                with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
                    lines = answer.read().decode().splitlines()
            except OSError:
                return {}
            parts = [line.rpartition(" ") for line in lines if not line.startswith("#")]
            return {name: float(value) for name, _, value in parts}

        soon(lambda: "idp_outbox_waiting" in shown(), "the jobs have figures")
        assert shown()["idp_unknown_callers_total"] == 8
        assert shown()["idp_collector_silent_seconds"] < 30
        server.process.send_signal(signal.SIGHUP)
        soon(lambda: server.said("jobs stopped"), "the old processes have ended")
        soon(lambda: shown().get("idp_unknown_callers_total") == 8, "what they counted is shown by the new ones")


def test_without_keys_nothing_is_served(fresh: Installation) -> None:
    result = fresh.run("serve")
    assert result.exit_code == 2
    assert "restore the keys from their backup; a provider that never had any runs `idp keys init`" in result.stderr


def test_without_the_schema_nothing_is_served(fresh: Installation) -> None:
    fresh.done("keys", "init")
    result = fresh.run("serve")
    assert result.exit_code == 2
    assert "run `idp db upgrade`" in result.stderr
    assert not (fresh.directory / "idp.db").exists()


def test_a_missing_certificate_is_named_with_its_key(installed: Installation) -> None:
    (installed.directory / "rp.pem").unlink()
    result = installed.run("serve")
    assert result.exit_code == 2
    assert f"{installed.settings}: bankid." in result.stderr
    assert "rp.pem: cannot be read" in result.stderr


def test_a_taken_port_is_named(installed: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = installed.run("serve", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "cannot listen on 127.0.0.1:" in result.stderr
