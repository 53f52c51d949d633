"""The engine: when transactions begin, what survives a killed process, and how a lost connection is noticed."""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.pool import QueuePool

from idp import settings
from idp.adapters.database import engine as database_engine
from idp.adapters.database.engine import (
    OUTAGES,
    connection,
    database,
    is_writable,
    make_durable,
    session,
    unit_of_work,
)
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.incidents import DatabaseIncidents
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp.adapters.database.tables import grants, seen_ids
from idp.adapters.secret_file import SecretFileProblem
from idp.core.oidc.tokens.grant import Grant
from idp_tests.adapters.database.seeds import a_grant, add_authentication, add_person
from idp_tests.databases import CIPHER, NOW, bare_app
from idp_tests.postgres import PostgresServer

ROOT = Path(__file__).parents[3]
LATER = NOW + timedelta(seconds=5)
LIMITS = database_engine._POSTGRES_OPTIONS
"""The product's own; the tests' are longer (see databases.py)."""
PROGRAM = Path(__file__).parent / "crash.py"


def _start(url: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), url, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)


def _open(app: Flask) -> Grant:
    with unit_of_work(app):
        person = add_person()
        grant = a_grant(person, add_authentication(person))
        DatabaseGrants(CIPHER).open(grant)
    return grant


def _is_redeemed(app: Flask) -> bool:
    with unit_of_work(app):
        return connection().execute(select(grants.c.redeemed_at)).scalar_one() is not None


@pytest.mark.parametrize(("verb", "kept"), [("die_before_commit", False), ("die_after_commit", True)])
def test_a_killed_process_leaves_all_of_its_unit_of_work_or_nothing(
    database_app: Flask, database_url: str, verb: str, kept: bool
) -> None:
    grant = _open(database_app)

    process = _start(database_url, verb, grant.id)
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert _is_redeemed(database_app) is kept


def test_processes_that_write_at_once_wait_for_each_other_and_agree(database_app: Flask, database_url: str) -> None:
    processes = [_start(database_url, "remember", "120") for _ in range(2)]

    first = [int(process.communicate()[0]) for process in processes]

    assert sum(first) == 120
    with unit_of_work(database_app):
        assert len(connection().execute(select(seen_ids)).all()) == 120


def test_a_unit_of_work_that_raises_leaves_nothing(database_app: Flask) -> None:
    def crash() -> None:
        with unit_of_work(database_app):
            DatabaseIncidents().note("K", NOW, {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()

    with unit_of_work(database_app):
        assert DatabaseIncidents().find("K") is None


def test_a_request_that_nobody_commits_leaves_nothing(database_app: Flask) -> None:
    with database_app.app_context():
        DatabaseIncidents().note("K", NOW, {})

    with unit_of_work(database_app):
        assert DatabaseIncidents().find("K") is None


def test_who_asks_is_told_once_what_became_of_a_transaction(database_app: Flask) -> None:
    told: list[bool] = []
    for fails in (False, True):
        with database_app.app_context(), suppress(ZeroDivisionError), unit_of_work():
            session().when_ended(told.append)
            if fails:
                raise ZeroDivisionError
    with database_app.app_context():
        session().when_ended(told.append)  # and nobody commits
    assert told == [True, False, False]


def test_a_unit_of_work_of_one_prepared_statement_is_committed(database_app: Flask) -> None:
    grant = _open(database_app)

    with unit_of_work(database_app):
        DatabaseGrants(CIPHER).redeem_code(grant.id, grant.client_id, LATER, dpop_jkt=None)

    assert _is_redeemed(database_app)


def test_a_prepared_write_is_rolled_back_with_what_was_written_before_it(database_app: Flask) -> None:
    grant = _open(database_app)

    with database_app.app_context():
        DatabaseSeenIds().remember("client_assertion", "minasidor", "1", LATER)
        DatabaseGrants(CIPHER).redeem_code(grant.id, grant.client_id, LATER, dpop_jkt=None)
        database.session.rollback()

    assert not _is_redeemed(database_app)


def test_a_write_that_is_a_whole_act_is_committed_by_itself_and_holds_no_lock(database_app: Flask) -> None:
    """What follows it is the making of an answer: on SQLite nobody else could write meanwhile."""
    grant = _open(database_app)

    with database_app.app_context():
        DatabaseGrants(CIPHER).redeem_code(grant.id, grant.client_id, LATER, dpop_jkt=None)
        assert not _in_transaction()
        database.session.rollback()

    assert _is_redeemed(database_app)


def _in_transaction() -> bool:
    raw: Any = connection().connection.dbapi_connection
    if connection().dialect.name == "sqlite":
        return bool(raw.in_transaction)
    return bool(raw.info.transaction_status.name == "INTRANS")


def test_a_read_takes_no_transaction_and_the_first_write_begins_one(database_app: Flask) -> None:
    with unit_of_work(database_app):
        DatabaseIncidents().find("K")
        assert not _in_transaction()
        DatabaseIncidents().note("K", NOW, {})
        assert _in_transaction()


def test_a_database_that_takes_writes_is_writable(database_app: Flask) -> None:
    with database_app.app_context():
        assert is_writable()
        assert not _in_transaction()


def test_a_read_only_postgres_is_not_writable(postgres_app: Flask) -> None:
    with unit_of_work(postgres_app):
        connection().exec_driver_sql("SET default_transaction_read_only = on")
    with unit_of_work(postgres_app):
        assert not is_writable()


def test_sqlite_enforces_references_and_writes_ahead(sqlite_app: Flask) -> None:
    with unit_of_work(sqlite_app):
        assert connection().exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection().exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


@pytest.mark.parametrize("durable", [True, False])
def test_a_durable_unit_of_work_is_in_the_database_file_itself(
    sqlite_app: Flask, sqlite_url: str, durable: bool
) -> None:
    with unit_of_work(sqlite_app):
        DatabaseIncidents().note("canary-of-durability", NOW, {})
        if durable:
            make_durable()
    file = Path(sqlite_url.removeprefix("sqlite:///"))

    assert (b"canary-of-durability" in file.read_bytes()) is durable


def test_connections_that_the_server_closed_are_replaced_without_an_error(
    postgres_app: Flask, postgres_server: PostgresServer
) -> None:
    with unit_of_work(postgres_app):
        DatabaseIncidents().note("K", NOW, {})
    _hang_up(postgres_server)

    with unit_of_work(postgres_app):
        assert DatabaseIncidents().find("K") is not None


def _hang_up(server: PostgresServer) -> None:
    with server.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = 'idp'"
        ).fetchall()


def _lookups() -> list[Callable[[], object]]:
    return [
        lambda: DatabaseIncidents().find("K"),
        lambda: DatabaseIncidents().note("L", NOW, {}),
        lambda: DatabaseGrants(CIPHER).find_live("g", NOW),
        lambda: DatabaseGrants(CIPHER).redeem_code("g", "c", NOW, dpop_jkt=None),
    ]


@pytest.mark.parametrize("lookup", range(len(_lookups())))
@pytest.mark.parametrize("after_a_write", [True, False])
def test_a_server_that_hangs_up_in_the_middle_is_an_outage_and_the_next_request_works(
    postgres_app: Flask, postgres_server: PostgresServer, lookup: int, after_a_write: bool
) -> None:
    with postgres_app.app_context():
        DatabaseIncidents().find("K")
        if after_a_write:
            DatabaseIncidents().note("K", NOW, {})
        _hang_up(postgres_server)
        with pytest.raises(OUTAGES):
            _lookups()[lookup]()
        database.session.rollback()

    with unit_of_work(postgres_app):
        assert DatabaseIncidents().find("K") is None
        _lookups()[lookup]()


def test_a_commit_that_the_server_never_heard_of_raises(postgres_app: Flask, postgres_server: PostgresServer) -> None:
    def lose() -> None:
        with unit_of_work(postgres_app):
            DatabaseIncidents().note("K", NOW, {})
            _hang_up(postgres_server)

    with pytest.raises(OUTAGES):
        lose()

    with unit_of_work(postgres_app):
        assert DatabaseIncidents().find("K") is None


@pytest.mark.parametrize(
    ("setting", "limit"),
    [("statement_timeout", "5s"), ("lock_timeout", "3s"), ("idle_in_transaction_session_timeout", "10s")],
)
def test_nothing_waits_for_ever_on_postgres(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, setting: str, limit: str
) -> None:
    monkeypatch.setattr(database_engine, "_POSTGRES_OPTIONS", LIMITS)
    app = bare_app(postgres_url)
    with unit_of_work(app):
        assert connection().exec_driver_sql(f"SHOW {setting}").scalar_one() == limit
    with app.app_context():
        database.engine.dispose()


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss:word\n", encoding="utf-8")
    app = Flask("idp")
    address = settings.Database(url="postgresql+psycopg://idp@db.example.se/idp", password_file=tmp_path / "password")

    database_engine.configure(app, address)

    with app.app_context():
        assert database.engine.url.password == "p@ss:word"
        assert "p@ss" not in repr(database.engine)


def test_a_password_file_that_is_no_text_is_refused_by_name_before_anything_is_opened(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes("lösen".encode("latin-1"))
    address = settings.Database(url="postgresql+psycopg://idp@db.example.se/idp", password_file=tmp_path / "password")
    with pytest.raises(SecretFileProblem, match="is not UTF-8"):
        database_engine.configure(Flask("idp"), address)


def test_an_application_that_takes_over_leaves_no_connection_from_before(database_url: str) -> None:
    known = database_engine.Database(settings.Database(url=database_url))
    with known.opened():
        assert known.is_writable()
        before = cast("QueuePool", database.engine.pool)
    assert before.checkedin() == 1
    known.attach(Flask("idp"))
    assert before.checkedin() == 0
    known.close()


def test_a_pooled_connection_costs_postgres_no_statement_of_its_own(postgres_app: Flask) -> None:
    with unit_of_work(postgres_app):
        DatabaseIncidents().find("K")
    with postgres_app.app_context():
        seen: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with unit_of_work(postgres_app):
        DatabaseIncidents().find("K")

    assert len(seen) == 1
