"""`idp serve`: web workers on one port, and beside them the jobs, kept alive until somebody says stop."""

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

from idp.cli.command import config_path
from idp.cli.problems import Problem
from idp.cli.production_checks import find_unproved, find_unsafe
from idp.cli.with_provider import open_settings

if TYPE_CHECKING:
    import ssl

    from flask import Flask

    from idp.assembly.provider import Provider
    from idp.serving.supervisor import Life, Program
    from idp.settings import Metrics, Server

_STOP_SECONDS = 25.0
"""How long everything may take after SIGTERM; containers are killed after 30."""
_BACKLOG = 1024
FIGURES_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""`idp.metrics.FOLDER`, which must be set before that module imports the library."""


@click.command("serve")
@click.option("--host", help="Address to listen on; else server.host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; else server.port.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes; else server.workers.")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads per worker; else server.threads.")
@click.option(
    "--unready",
    type=click.IntRange(0, 20),
    default=0,
    metavar="SECONDS",
    help="After SIGTERM, how long /readyz says no before connections are refused: twice the interval of a balancer "
    "that asks it. Proxies that go on to the next node by themselves need none.",
)
@click.option("--no-jobs", is_flag=True, help="Web only; `idp jobs` runs somewhere else.")
def command(
    host: str | None, port: int | None, workers: int | None, threads: int | None, unready: int, *, no_jobs: bool
) -> None:
    """Serve the provider, and run its jobs beside it.

    SIGTERM drains: `/readyz` says no, then no new connections; requests under way are answered, all within 25 seconds.
    SIGHUP reads settings and clients again: new processes run before the old ones stop; with a mistake in them the old
    ones stay.
    """
    from idp.serving.supervisor import Supervisor

    given = {"host": host, "port": port, "workers": workers, "threads": threads}
    node = _Node(
        given={name: value for name, value in given.items() if value is not None},
        unready_seconds=unready,
        with_jobs=not no_jobs,
    )
    with _shared_figures(open_settings().metrics):
        Supervisor(build=node.build, stopping=node.close).run()


@dataclass
class _Node:
    """What runs on this machine, built again at every reload."""

    given: Mapping[str, object]
    """Words of the command line, which count more than the file's."""
    unready_seconds: int
    with_jobs: bool
    _listeners: list[socket.socket] = field(default_factory=list)
    """One per worker, open as long as this node runs, so that no reload loses who waits to be accepted."""
    _address: tuple[str, int] | None = None

    def build(self) -> "Mapping[str, Program]":
        """Build the application once, for all processes. Raises Problem and what a mistaken configuration raises."""
        import structlog

        from idp import log
        from idp.app import create_app
        from idp.assembly.jobs import make_worker
        from idp.assembly.provider import assemble
        from idp.serving import process

        loaded = open_settings()
        settings = loaded.model_copy(update={"server": loaded.server.model_copy(update=dict(self.given))})
        provider = assemble(settings)
        app = create_app(provider)
        make_worker(provider, "rehearsal")
        if settings.metrics.port and FIGURES_FOLDER not in os.environ:
            raise Problem("metrics.port: was 0 at the start; it needs a restart")
        if unsafe := list(find_unsafe(settings)):
            raise Problem(*(f"{config_path()}: {line}" for line in unsafe))
        provider.own_database.require()
        provider.database.close()  # no connection may be shared by two processes
        tls = _tls(settings.server)
        self._listen(settings.server)
        log.configure(settings.logging.level)
        for line in find_unproved(settings):
            structlog.get_logger("idp.serve").warning("logins not wholly proved", why=line)
        process.keep_what_lives_long()
        web: dict[str, Program] = {
            f"web-{number + 1}": self._web(app, listener, settings.server, tls)
            for number, listener in enumerate(self._listeners)
        }
        jobs = {"jobs": self._jobs(provider)} if self.with_jobs else {}
        figures = {"metrics": self._figures(provider)} if settings.metrics.port else {}
        return {**web, **jobs, **figures}

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()

    def _listen(self, server: "Server") -> None:
        """Raises Problem."""
        address = (server.host, server.port)
        if self._address not in {None, address}:
            raise Problem("server.host, server.port: changed; they need a restart")
        if self._address is None:
            _refuse_taken(address)
        self._address = address
        for spare in self._listeners[server.workers :]:
            spare.close()
        del self._listeners[server.workers :]
        while len(self._listeners) < server.workers:
            self._listeners.append(_listener(address))

    def _web(self, app: "Flask", listener: socket.socket, server: "Server", tls: "ssl.SSLContext | None") -> "Program":
        def run(life: "Life") -> None:
            from idp import log
            from idp.serving import process
            from idp.serving.server import Server as WebServer

            self._close_except(listener)
            process.run_in_batches()
            log.use_thread()
            most = min(8192, process.allow_many_files() // 2)
            web = WebServer(app.wsgi_app, listener, threads=server.threads, tls=tls, most_connections=most)
            unready = self.unready_seconds

            def stop(*_signal: object) -> None:
                web.stop(unready_seconds=unready, drain_seconds=_STOP_SECONDS - unready)

            signal.signal(signal.SIGTERM, stop)
            life.ready()
            web.run(lifeline=life.lifeline)
            log.flush()

        return run

    def _jobs(self, provider: "Provider") -> "Program":
        def run(life: "Life") -> None:
            from idp.assembly.jobs import make_worker
            from idp.jobs.worker import node_name

            stop, node = self._until_stopped(life), node_name(provider.settings)
            worker = make_worker(provider, f"{node}.{life.name}")
            worker.run(stop, replaced=[f"{node}.{name}" for name in life.replaces], started=life.ready)

        return run

    def _figures(self, provider: "Provider") -> "Program":
        def run(life: "Life") -> None:
            from idp.assembly.jobs import make_readings
            from idp.metrics import show_figures

            stop = self._until_stopped(life)
            life.ready()  # the port may be the predecessor's for a moment
            show_figures(provider.settings.metrics, make_readings(provider), stop)

        return run

    def _until_stopped(self, life: "Life") -> threading.Event:
        """Set by SIGTERM, and when the supervisor is gone."""
        from idp.cli.jobs import stop_on_signals

        self._close_except(None)
        stop = threading.Event()
        stop_on_signals(stop, signal.SIGTERM)
        threading.Thread(target=_stop_at_the_end_of, args=(life.lifeline, stop), daemon=True).start()
        return stop

    def _close_except(self, mine: socket.socket | None) -> None:
        """A listener that somebody else keeps open would hold its queue when its own worker has ended."""
        for listener in self._listeners:
            if listener is not mine:
                listener.close()


@contextmanager
def _shared_figures(metrics: "Metrics") -> Iterator[None]:
    """Let all processes of this node put their figures together, in a folder that must be named before the first is made."""
    if not metrics.port or FIGURES_FOLDER in os.environ:
        yield
        return
    with TemporaryDirectory(prefix="idp-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FIGURES_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FIGURES_FOLDER]


def _stop_at_the_end_of(lifeline: int, stop: threading.Event) -> None:
    """A supervisor that was killed must leave nobody behind who works in its name."""
    select.select([lifeline], [], [])
    stop.set()


def _tls(server: "Server") -> "ssl.SSLContext | None":
    """Raises Problem."""
    if server.tls_certificate is None or server.tls_key is None:
        return None
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(server.tls_certificate, server.tls_key)
    except (OSError, ssl.SSLError) as problem:
        raise Problem(f"server.tls_certificate, server.tls_key: cannot be used: {problem}") from None
    return context


def _refuse_taken(address: tuple[str, int]) -> None:
    """Ask without sharing: two providers could else listen on one port, and each get half of the calls."""
    try:
        _bound(address, shared=False).close()
    except OSError as problem:
        host, port = address
        reason = os.strerror(problem.errno or 0)
        raise Problem(f"server.host, server.port: cannot listen on {host}:{port}: {reason}") from None


def _listener(address: tuple[str, int]) -> socket.socket:
    listener = _bound(address, shared=True)
    listener.listen(_BACKLOG)
    return listener


def _bound(address: tuple[str, int], *, shared: bool) -> socket.socket:
    """Raises OSError."""
    family, kind, protocol, _, found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(found)
    except OSError:
        bound.close()
        raise
    return bound
