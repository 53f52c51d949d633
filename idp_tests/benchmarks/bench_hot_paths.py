"""What the hot paths cost: CPU per request and how many times a minimal Flask view that is, measured in one process.

By hand: `.venv/bin/pytest idp_tests/benchmarks/bench_hot_paths.py -s`. It fails when a path costs more than `LIMITS` allows: the ratios of
one run hold on every machine, the microseconds do not.
"""

import itertools
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from idp import log
from idp_tests.benchmarks.hot_paths import Request, Sender, hot_paths, ready, serve

ROUNDS = 600
BATCHES = 300
"""Many small ones, shorter than a turn of another process: the best of them is one that none has interrupted."""
LIMITS: Mapping[str, tuple[float, float]] = {
    "discovery": (0.5, 0.5),
    "keys": (0.5, 0.5),
    "authorize with a session": (14.5, 22),
    "token, ES256": (18, 22.5),
    "token, RS256": (25, 29),
    "refresh": (15, 18.5),
    "userinfo": (8.5, 13),
    "introspection": (10, 14),
    "revocation": (14.5, 24),
    "BankID status": (13.5, 20),
}
"""Times the minimal view: on SQLite, on PostgreSQL. What the server of the latter spends is not in it."""


def microseconds(sender: Sender, requests: Iterator[Request]) -> float:
    """CPU of one request, the best of the batches."""
    costs = []
    for _ in range(BATCHES):
        batch = [(dict(environ), body) for environ, body in itertools.islice(requests, ROUNDS // BATCHES)]
        began = time.process_time()
        for request in batch:
            sender.send(request)
        costs.append((time.process_time() - began) / len(batch) * 1e6)
        assert sender.status[:3] in {"200", "303"}, (sender.status, sender.content)
    return min(costs)


def minimal() -> Sender:
    app = Flask("minimal")
    app.add_url_rule("/", view_func=lambda: "ok")
    return Sender(app)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_cost_of_the_hot_paths(
    kind: str,
    request: pytest.FixtureRequest,
    provider_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the request log on, as in production."""
    url: str = request.getfixturevalue(f"{kind}_url")
    monkeypatch.setattr("idp.adapters.keys.files.LOOK_SECONDS", 1)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        monkeypatch.setattr(sys, "stderr", nowhere)
        log.configure("INFO")
        log.use_thread()
        for provider in serve(url, provider_files, tmp_path / "provider"):
            sender = Sender(provider.app)
            paths = hot_paths(provider, sender)
            floor = microseconds(minimal(), itertools.repeat(ready("/")))
            costs = {name: microseconds(sender, requests) for name, requests in paths.items()}
        log.flush()
    limits = {name: limit[kind == "postgres"] for name, limit in LIMITS.items()}
    print(f"\n{kind}: {'a minimal Flask view':<26}{floor:8.0f} us")
    for name, cost in costs.items():
        print(f"{name:<26}{cost:8.0f} us  x{cost / floor:5.1f}  of at most x{limits[name]:.1f}")
    assert {name: cost / floor for name, cost in costs.items() if cost / floor > limits[name]} == {}
