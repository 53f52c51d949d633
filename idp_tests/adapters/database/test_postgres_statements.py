"""Statements prepared on one connection: as psycopg would run them, and not longer than that connection lives."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from idp.adapters.database.postgres_statements import PreparingConnection
from idp_tests.postgres import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def raw(postgres_server: PostgresServer, postgres_database: str) -> Iterator[PreparingConnection]:
    url = postgres_database.replace("+psycopg", "")
    with PreparingConnection.connect(url, autocommit=True, prepare_threshold=None) as opened:
        yield opened


def prepared(raw: PreparingConnection) -> int:
    row = raw.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "å %s $1 '"),
        ("text", ""),
        ("bigint", -(2**62)),
        ("integer", 3),
        ("boolean", True),
        ("boolean", False),
        ("bytea", b"\x00'\\\xff"),
        ("text", None),
    ],
)
def test_a_value_comes_back_as_it_went_in(raw: PreparingConnection, kind: str, value: Any) -> None:
    assert list(raw.run_prepared(f"SELECT $1::{kind}, 1", [value])) == [(value, 1)]


def test_a_statement_is_prepared_once(raw: PreparingConnection) -> None:
    for number in range(3):
        assert list(raw.run_prepared("SELECT $1::int", [number])) == [(number,)]
    assert prepared(raw) == 1


def test_what_gives_no_rows_gives_none(raw: PreparingConnection) -> None:
    raw.execute("CREATE TEMPORARY TABLE probe (n int)")
    assert list(raw.run_prepared("INSERT INTO probe VALUES ($1)", [1])) == []
    assert list(raw.run_prepared("SELECT n FROM probe WHERE n > $1", [1])) == []


def test_a_statement_that_cannot_be_prepared_raises_and_the_next_one_works(raw: PreparingConnection) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        raw.run_prepared("SELECT * FROM nowhere WHERE n = $1", [1])
    assert list(raw.run_prepared("SELECT $1::int", [1])) == [(1,)]


def test_a_statement_that_fails_raises_what_psycopg_raises(raw: PreparingConnection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        raw.run_prepared("SELECT 1 / $1::int", [0])


def test_a_statement_survives_a_rollback(raw: PreparingConnection) -> None:
    raw.begin()
    raw.run_prepared("SELECT $1::int", [1])
    raw.rollback()
    assert raw.is_idle
    assert list(raw.run_prepared("SELECT $1::int", [2])) == [(2,)]
    assert prepared(raw) == 1


def test_a_transaction_is_begun_once_and_ended_where_one_is_open(raw: PreparingConnection) -> None:
    raw.commit()
    raw.execute("CREATE TEMPORARY TABLE probe (n int)")
    raw.begin()
    raw.begin()
    raw.run_prepared("INSERT INTO probe VALUES ($1)", [1])
    assert not raw.is_idle
    raw.commit()
    raw.rollback()
    assert list(raw.run_prepared("SELECT n FROM probe", [])) == [(1,)]


def test_a_connection_that_is_gone_is_an_operational_error(raw: PreparingConnection) -> None:
    raw.pgconn.finish()
    with pytest.raises(psycopg.OperationalError):
        raw.run_prepared("SELECT 1", [])
    with pytest.raises(psycopg.OperationalError):
        raw.commit()
