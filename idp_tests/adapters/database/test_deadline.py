"""A frozen backend: its kernel acknowledges everything and it keeps none of its own timeouts, so the client stops waiting."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from idp import settings
from idp.adapters.database import engine as database_engine
from idp.adapters.database.engine import OUTAGES, connection, database, driver_connection, unit_of_work

pytestmark = pytest.mark.postgres

SHORT = 1


@contextmanager
def a_pool(url: str, *, deadline: int | None) -> Iterator[Flask]:
    app = Flask("idp")
    database_engine.configure(app, settings.Database(url=url, pool_size=4), deadline=deadline)
    yield app
    with app.app_context():
        database.engine.dispose()


def backend() -> int:
    return int(connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stopped as by a debugger or a hypervisor."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def by_sqlalchemy() -> Any:
    return connection().exec_driver_sql("SELECT 1").scalar_one()


def by_the_driver() -> Any:
    raw, _dialect = driver_connection(writes=False)
    return raw.execute("SELECT 1").fetchone()[0]


@pytest.mark.parametrize("ask", [by_sqlalchemy, by_the_driver])
def test_a_request_ends_when_its_backend_is_frozen_and_the_next_one_works(postgres_url: str, ask: Any) -> None:
    with a_pool(postgres_url, deadline=SHORT) as app:
        with unit_of_work(app):
            pid = backend()
        with frozen(pid):
            with pytest.raises(OUTAGES), unit_of_work(app):
                ask()
            with unit_of_work(app):
                assert backend() != pid


def test_what_was_written_before_the_backend_froze_is_not_kept_by_halves(postgres_url: str) -> None:
    with a_pool(postgres_url, deadline=SHORT) as app:
        with unit_of_work(app):
            connection().exec_driver_sql("CREATE TABLE IF NOT EXISTS probe (n int)")
            connection().exec_driver_sql("DELETE FROM probe")
            pid = backend()

        def write_and_freeze() -> None:
            with unit_of_work(app):
                connection().exec_driver_sql("INSERT INTO probe VALUES (1)")
                with frozen(pid):
                    by_sqlalchemy()

        with pytest.raises(OUTAGES):
            write_and_freeze()
        with unit_of_work(app):
            assert connection().exec_driver_sql("SELECT count(*) FROM probe").scalar_one() == 0
            connection().exec_driver_sql("DROP TABLE probe")


def test_all_statements_of_a_request_share_one_deadline(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with a_pool(postgres_url, deadline=2) as app, app.app_context():
        by_sqlalchemy()
        first, _dialect = driver_connection(writes=False)
        ends = first.gives_up_at
        now[0] += 1.5
        database.session.remove()
        by_the_driver()
        again, _dialect = driver_connection(writes=False)
    assert (ends, again.gives_up_at) == (102.0, 102.0)


def test_waiting_for_a_free_connection_is_part_of_it(postgres_url: str) -> None:
    with a_pool(postgres_url, deadline=2) as app, app.app_context():
        assert database.engine.pool._timeout == 2  # type: ignore[attr-defined]


def test_an_overdue_request_still_gets_an_answer_from_a_database_that_works(postgres_url: str) -> None:
    with a_pool(postgres_url, deadline=-1) as app, app.app_context():
        assert by_sqlalchemy() == 1


def test_jobs_and_commands_wait_as_long_as_the_server_wants(postgres_url: str) -> None:
    with a_pool(postgres_url, deadline=None) as app, app.app_context():
        by_sqlalchemy()
        raw, _dialect = driver_connection(writes=False)
        assert raw.gives_up_at is None
