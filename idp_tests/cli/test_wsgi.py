"""The application for a server: what a worker process asks of the kernel it can do without."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp.cli import wsgi


@pytest.fixture
def collector_as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this scheduling policy")
@pytest.mark.usefixtures("collector_as_before")
def test_a_worker_serves_where_the_kernel_forbids_it_another_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[int] = []

    def forbid(pid: int, _policy: int, _parameters: os.sched_param) -> None:
        refused.append(pid)
        raise PermissionError(1, "Operation not permitted")

    app = Flask("stand-in")
    monkeypatch.setattr(os, "sched_setscheduler", forbid)
    monkeypatch.setattr(wsgi, "end_with_parent", lambda: None)
    monkeypatch.setattr(wsgi, "application", lambda _config: app)
    assert wsgi.worker(Path("idp.toml")) is app
    assert refused == [0]
