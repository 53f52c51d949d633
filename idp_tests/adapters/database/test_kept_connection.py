"""A thread's requests have one connection after the other: the same one, as long as it is worth anything."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from idp.adapters.database.engine import connection, database, driver_connection
from idp.adapters.database.incidents import DatabaseIncidents
from idp_tests.databases import NOW
from idp_tests.patience import PATIENCE
from idp_tests.postgres import PostgresServer


def request(app: Flask, act: Callable[[], object] = lambda: None) -> Any:
    """One request; the driver's connection that it had."""
    with app.test_request_context():
        raw, _dialect = driver_connection(writes=False)
        act()
        return raw


def in_another_thread(act: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join()
    return found[0]


def checked_out(app: Flask) -> int:
    with app.app_context():
        return int(database.engine.pool.checkedout())  # type: ignore[attr-defined]


def test_the_next_request_of_a_thread_has_the_same_connection(database_app: Flask) -> None:
    first = request(database_app)
    assert request(database_app) is first
    assert checked_out(database_app) == 1


def test_another_thread_has_another_one_and_gives_it_back_at_its_end(database_app: Flask) -> None:
    first = request(database_app)
    assert in_another_thread(lambda: request(database_app)) is not first
    assert checked_out(database_app) == 1


def test_what_a_request_left_open_is_taken_back_and_not_handed_on(database_app: Flask) -> None:
    def leave_open() -> None:
        DatabaseIncidents().note("K", NOW, {})

    request(database_app, leave_open)
    assert checked_out(database_app) == 0
    request(database_app, lambda: pytest.fail("kept") if DatabaseIncidents().find("K") else None)


def test_more_threads_than_connections_never_wait_for_one_that_is_idle(database_app: Flask) -> None:
    """They all live on after their request, as a server's threads do."""
    with database_app.app_context():
        size = database.engine.pool.size()  # type: ignore[attr-defined]
    served, over = threading.Semaphore(0), threading.Event()

    def live_on() -> None:
        request(database_app)
        served.release()
        over.wait(PATIENCE)

    threads = [threading.Thread(target=live_on) for _ in range(size + 4)]
    for thread in threads:
        thread.start()
        assert served.acquire(timeout=PATIENCE)
    assert checked_out(database_app) == size - 1
    request(database_app)
    over.set()
    for thread in threads:
        thread.join()


def test_a_job_or_a_command_keeps_none(database_app: Flask) -> None:
    with database_app.app_context():
        driver_connection(writes=False)
    assert checked_out(database_app) == 0


def test_a_pool_that_was_given_up_leaves_none_behind(database_app: Flask) -> None:
    first = request(database_app)
    with database_app.app_context():
        database.engine.dispose()
    assert request(database_app) is not first


def test_a_connection_whose_server_hung_up_is_replaced_without_an_error(
    postgres_app: Flask, postgres_server: PostgresServer
) -> None:
    first = request(postgres_app)
    with postgres_server.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = 'idp'"
        ).fetchall()
    assert request(postgres_app, lambda: connection().exec_driver_sql("SELECT 1")) is not first
