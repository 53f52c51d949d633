"""A private PostgreSQL server from the installed binaries: own directory, free port, no durability, gone afterwards."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from idp_tests.patience import PATIENCE


class PostgresMissingError(Exception):
    """No server programs are installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server; anybody on this machine may connect while the tests run."""

    port: int
    directory: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://idp@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database; returns its SQLAlchemy address."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user="idp", dbname=database, autocommit=True)

    def is_up(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server and stop it at the end; raises PostgresMissingError."""
    programs = _programs()
    directory = Path(tempfile.mkdtemp(prefix="idp-postgres-"))
    try:
        user = _unprivileged(directory)
        data = directory / "data"
        _initialise(programs, user, data)
        server = _start(programs, user, directory, data, durable=durable)
        try:
            _wait_until_up(server)
            yield server
        finally:
            server.process.send_signal(signal.SIGINT)  # the server's "fast" shutdown: disconnects everybody
            server.process.wait(timeout=PATIENCE)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("initdb")
    candidates = [Path(found).parent] if found else []
    candidates += [Path(path) for path in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]  # noqa: PTH207
    for candidate in candidates:
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    raise PostgresMissingError("PostgreSQL's server programs initdb and postgres are not installed")


def _unprivileged(directory: Path) -> Sequence[str]:
    """The server refuses to run as root: then its own user runs it, and owns the directory.

    It stops when the tests' process dies, however that dies.
    """
    end_with_us = "--pdeathsig=INT"
    if os.geteuid() != 0:
        return ("setpriv", end_with_us) if shutil.which("setpriv") else ()
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        account = pwd.getpwnam("nobody")
    os.chown(directory, account.pw_uid, account.pw_gid)
    return ("setpriv", end_with_us, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")


def _initialise(programs: Path, user: Sequence[str], data: Path) -> None:
    arguments = ["--pgdata", str(data), "--username=idp", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    subprocess.run(
        [*user, str(programs / "initdb"), *arguments, "--locale=C.UTF-8"], check=True, capture_output=True, cwd="/"
    )


def _start(programs: Path, user: Sequence[str], directory: Path, data: Path, *, durable: bool) -> PostgresServer:
    port = _free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(directory),
        "max_connections": "200",
        "shared_buffers": "64MB",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = (directory / "log").open("wb")
    process = subprocess.Popen(
        [*user, str(programs / "postgres"), "-D", str(data), *settings], stdout=log, stderr=log, cwd="/"
    )
    log.close()
    return PostgresServer(port=port, directory=directory, process=process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: PostgresServer) -> None:
    deadline = time.monotonic() + PATIENCE
    while not server.is_up():
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((server.directory / "log").read_text(encoding="utf-8"))
        time.sleep(0.05)
