"""A volley: the same request fired at one moment by many threads of two processes on one database."""

import multiprocessing
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from flask import Flask

from idp.adapters.database.engine import database
from idp.app import create_app
from idp.assembly.provider import assemble
from idp.settings_file import load_settings
from idp_tests.databases import be_patient
from idp_tests.patience import PATIENCE

ISSUER = "https://id.example"
SHOTS = 50
PROCESSES = 2


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One request; its cookies are a header."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    query: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What came back."""

    status: int
    location: str
    body: str


class Gate(Protocol):
    def wait(self) -> int: ...


def fire(app: Flask, shot: Shot, gate: Gate) -> Hit:
    """Wait for all the others, then send."""
    client = app.test_client(use_cookies=False)
    gate.wait()
    response = client.open(
        shot.path,
        method=shot.method,
        headers=dict(shot.headers),
        data=shot.form,
        query_string=shot.query,
        base_url=ISSUER,
    )
    return Hit(
        status=response.status_code, location=response.headers.get("Location", ""), body=response.get_data(as_text=True)
    )


def volley(app: Flask, shot: Shot, shots: int, gate: Gate) -> list[Hit]:
    with ThreadPoolExecutor(shots) as threads:
        return list(threads.map(lambda _: fire(app, shot, gate), range(shots)))


class Rivals:
    """Two processes of the same provider, each with its own pool, keys and memory."""

    def __init__(self, settings: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._gate = spawn.Barrier(SHOTS, timeout=PATIENCE)
        self._ends: list[Connection[Any, Any]] = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=serve, args=(settings, theirs, self._gate), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)

    def volley(self, shot: Shot, now: datetime) -> list[Hit]:
        """Half of the shots from each."""
        for end in self._ends:
            end.send((shot, now))
        hits: list[Hit] = []
        for end in self._ends:
            if not end.poll(PATIENCE):
                raise TimeoutError("a process does not answer")
            hits.extend(end.recv())
        return hits

    def stop(self) -> None:
        for end in self._ends:
            end.send(None)
            end.close()
        for process in self._processes:
            process.join(PATIENCE)
            process.close()


@contextmanager
def rivals(settings: Path) -> Iterator[Rivals]:
    running = Rivals(settings)
    try:
        yield running
    finally:
        running.stop()


def serve(settings: Path, end: "Connection[Any, Any]", gate: Gate) -> None:
    """What each process does until it is told to stop."""
    be_patient()
    moment: list[datetime] = []
    app: Flask | None = None
    while (order := end.recv()) is not None:
        shot, now = order
        moment[:] = [now]
        app = app or create_app(assemble(load_settings(settings), lambda: moment[0]))
        end.send(volley(app, shot, SHOTS // PROCESSES, gate))
    if app is not None:
        with app.app_context():
            database.engine.dispose()
