"""`idp serve`: web workers on one port, and beside them the jobs, kept alive until somebody says stop."""

import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.command import config_path
from idp.cli.opening import now, open_settings, require_current_schema
from idp.cli.problems import Problem
from idp.cli.production_checks import find_unsafe

if TYPE_CHECKING:
    from idp.settings import Settings

_DRAIN_SECONDS = 25
"""How long requests under way may take after SIGTERM; containers are killed after 30."""
_HEADER_MILLISECONDS = 10_000
_BACKLOG = 1024


@click.command("serve")
@click.option("--host", help="Address to listen on; else server.host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; else server.port.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes; else server.workers.")
@click.option("--threads", type=click.IntRange(1, 64), help="Threads per worker; else server.threads.")
@click.option("--no-jobs", is_flag=True, help="Web only; `idp jobs` runs somewhere else.")
def command(host: str | None, port: int | None, workers: int | None, threads: int | None, *, no_jobs: bool) -> None:
    """Serve the provider, and run its jobs beside it.

    SIGTERM drains: no new connections, requests under way are answered, at most 25 seconds. SIGHUP reads settings and
    clients again: new workers start before the old ones stop; with a mistake in them the old ones stay.
    """
    settings, config = open_settings(), config_path().resolve()
    given = {"host": host, "port": port, "workers": workers, "threads": threads}
    server = settings.server.model_copy(update={name: value for name, value in given.items() if value is not None})
    settings = settings.model_copy(update={"server": server})
    _refuse_what_cannot_start(settings)
    _serve(settings, config, with_jobs=not no_jobs)


def _refuse_what_cannot_start(settings: "Settings") -> None:
    """Build the application and the jobs once, here, so that a mistake is a line with exit code 2 and not a worker that dies."""
    from idp import log
    from idp.app import create_app
    from idp.assembly.jobs import make_worker
    from idp.assembly.provider import assemble

    provider = assemble(settings)
    create_app(provider)
    make_worker(provider, "rehearsal")
    if unsafe := list(find_unsafe(settings, now())):
        raise Problem(*(f"{config_path()}: {line}" for line in unsafe))
    with provider.database.opened():
        require_current_schema()
    provider.database.close()  # no connection may be inherited by two workers
    _refuse_taken_port(settings.server.host, settings.server.port)
    log.configure(settings.logging.level)


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        raise Problem(f"server.host, server.port: cannot listen on {host}:{port}: {problem.strerror}") from None


def _serve(settings: "Settings", config: Path, *, with_jobs: bool) -> None:
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.http import HTTP1Settings

    from idp.cli.supervision import JobsProcess, WebServer
    from idp.cli.wsgi import application, worker
    from idp.jobs.worker import node_name

    listening = settings.server
    jobs = JobsProcess([*_own_command(config), "jobs", "--node", node_name(settings)]) if with_jobs else None
    web = WebServer(
        "idp.cli.wsgi:application",
        jobs=jobs,
        rehearse=partial(application, config),
        address=listening.host,
        port=listening.port,
        interface=Interfaces.WSGI,
        workers=listening.workers,
        blocking_threads=listening.threads,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS, keep_alive=True),
        websockets=False,
        backlog=_BACKLOG,
        ssl_cert=listening.tls_certificate,
        ssl_key=listening.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=_DRAIN_SECONDS,
        respawn_failed_workers=True,
        log_dictconfig=_LOGS,
    )
    web.serve(target_loader=partial(worker, config), wrap_loader=False)


def _own_command(config: Path) -> list[str]:
    return [sys.executable, "-m", "idp", "--config", str(config)]


_LOGS = {
    "formatters": {},
    "handlers": {},
    "loggers": {
        "_granian": {"handlers": [], "propagate": True},
        "granian.access": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}
"""The server's lines go through our own JSON writer; requests are logged by the application, without their queries."""
