"""What prepared statements and our own rule of when a transaction begins win, path by path, against SQLAlchemy's ordinary ways.

By hand: `.venv/bin/pytest idp_tests/benchmarks/bench_statements.py -s`. Every way runs in every round, one after the other, so
that the ratios of one run can be compared. CPU is this process's; the wall clock has the database's work in it as well.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from idp import log
from idp.adapters.database import engine
from idp.adapters.database.prepared import Prepared
from idp_tests.benchmarks.hot_paths import Request, Sender, hot_paths, serve
from idp_tests.provider import Provider

ROUNDS, CALLS = 40, 10
AS_IT_IS, UNPREPARED, ORDINARY = "as it is", "without Prepared", "SQLAlchemy's own transactions"


def run_by_sqlalchemy(self: Prepared, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    result = engine.connection().execute(self._statement, dict(values))
    names = [column.name for column in self._gives]
    return [dict(zip(names, row, strict=True)) for row in result] if names else []


def without_prepared() -> AbstractContextManager[object]:
    return mock.patch.object(Prepared, "run", run_by_sqlalchemy)


@contextmanager
def ordinary_transactions() -> Iterator[None]:
    """Engines made in the block begin at the first statement, also when it reads, and roll back at the end."""
    options, begin = engine.engine_options, engine._begin

    def plain_options(*given: Any, **limits: Any) -> dict[str, Any]:
        return {name: value for name, value in options(*given, **limits).items() if name != "isolation_level"}

    def begin_where_it_is_ours(raw: Any, dialect: Any) -> None:
        if dialect.name == "sqlite" or raw.autocommit:
            begin(raw, dialect)

    with (
        mock.patch.object(engine, "engine_options", plain_options),
        mock.patch.object(engine, "_begin", begin_where_it_is_ours),
    ):
        yield


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_each_way_costs(kind: str, request: pytest.FixtureRequest, provider_files: Path, tmp_path: Path) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    log.configure("WARNING")
    with ExitStack() as running:
        paths = {AS_IT_IS: _paths(running.enter_context(_provider(url, provider_files, tmp_path / "a")))}
        ways = {AS_IT_IS: nullcontext, UNPREPARED: without_prepared}
        paths[UNPREPARED] = paths[AS_IT_IS]
        if kind == "postgres":
            running.enter_context(ordinary_transactions())
            second = request.getfixturevalue("postgres_server").create_database("ordinary")
            paths[ORDINARY] = _paths(
                running.enter_context(_provider(_migrated(second), provider_files, tmp_path / "b"))
            )
            ways[ORDINARY] = nullcontext
        taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for _ in range(ROUNDS):
            for way, within in ways.items():
                with within():
                    for name, call in paths[way].items():
                        taken.setdefault((name, way), []).append(_measured(call))
    print(
        f"\n{kind}: CPU and wall clock in us, each way's best of {ROUNDS} x {CALLS}, and its ratio to the product as it is"
    )
    for name in paths[AS_IT_IS]:
        base = _best(taken[name, AS_IT_IS])
        for way in ways:
            cpu, wall = _best(taken[name, way])
            print(f"{name:<26} {way:<32} {cpu:6.0f} {wall:6.0f}   x{cpu / base[0]:.2f} x{wall / base[1]:.2f}")


def _migrated(url: str) -> str:
    from idp.adapters.database import migrations
    from idp_tests.databases import open_engine

    opened = open_engine(url)
    migrations.upgrade(opened)
    opened.dispose()
    return url


@contextmanager
def _provider(url: str, files: Path, directory: Path) -> Iterator[Provider]:
    yield from serve(url, files, directory)


def _paths(provider: Provider) -> Mapping[str, Callable[[], None]]:
    sender = Sender(provider.app)
    return {name: _sending(sender, requests) for name, requests in hot_paths(provider, sender).items()}


def _sending(sender: Sender, requests: Iterator[Request]) -> Callable[[], None]:
    def call() -> None:
        environ, body = next(requests)
        sender.send((dict(environ), body))

    return call


def _measured(call: Callable[[], None]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.process_time() - cpu) / CALLS * 1e6, (time.perf_counter() - wall) / CALLS * 1e6


def _best(taken: list[tuple[float, float]]) -> tuple[float, float]:
    return min(cpu for cpu, _ in taken), min(wall for _, wall in taken)
