"""The sweeper: small batches in transactions of their own, and the audit log sealed."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import REGISTRY

from idp.core.messages import Backlog
from idp.jobs.sweeper import BATCH, Sweeper
from idp_tests.builders import NOW


class Table:
    """So many expired rows, and how many transactions it took to delete them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.units = 0
        self.open = 0
        self.sealed: list[datetime] = []

    def sweep(self, _now: datetime, *, batch: int) -> Mapping[str, int]:
        assert self.open == 1
        count = min(batch, self.rows)
        self.rows -= count
        return {"grants": count} if count else {}

    def seal(self, now: datetime) -> int:
        assert self.open == 1
        self.sealed.append(now)
        return 0

    @contextmanager
    def unit(self) -> Iterator[None]:
        self.units += 1
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    def sweeper(self) -> Sweeper:
        return a_sweeper(self)


def a_sweeper(table: Table, **changes: Any) -> Sweeper:
    members: dict[str, Any] = {
        "delete_expired": table.sweep,
        "seal_audit": table.seal,
        "forget_audit": lambda _now, **_limit: 0,
        "look_at_outbox": lambda _now: Backlog(count=7, oldest=timedelta(minutes=2)),
        "count_overdue": lambda _now: 3,
        "require_secrets": lambda: None,
        "unit_of_work": table.unit,
        "outages": (),
        "clock": lambda: NOW,
    }
    return Sweeper(**members | changes)


def test_how_much_waits_and_went_is_shown_as_figures() -> None:
    def swept() -> float:
        return REGISTRY.get_sample_value("idp_swept_rows_total", {"table": "grants"}) or 0.0

    before = swept()
    sweeper = Table(12).sweeper()
    sweeper.show_figures(threading.Event())
    sweeper.sweep(threading.Event())
    assert swept() - before == 12
    assert REGISTRY.get_sample_value("idp_outbox_waiting") == 7
    assert REGISTRY.get_sample_value("idp_outbox_oldest_seconds") == 120
    assert REGISTRY.get_sample_value("idp_orders_overdue") == 3


def test_a_backlog_goes_batch_by_batch_each_in_a_transaction_of_its_own() -> None:
    table = Table(BATCH * 3 + 7)
    assert table.sweeper().sweep(threading.Event()) == {"grants": BATCH * 3 + 7}
    assert table.units == 4


def test_a_great_backlog_is_left_to_the_next_minutes() -> None:
    table = Table(BATCH * 1000)
    table.sweeper().sweep(threading.Event())
    assert 0 < table.rows < BATCH * 1000


def test_the_audit_log_is_sealed() -> None:
    table = Table(0)
    table.sweeper().seal(threading.Event())
    assert table.sealed == [NOW]


def test_a_backlog_of_the_audit_log_is_sealed_at_once_and_not_in_one_transaction() -> None:
    table, left = Table(0), [1000, 1000, 3, 0]

    def seal(_now: datetime) -> int:
        assert table.open == 1
        return left.pop(0)

    a_sweeper(table, seal_audit=seal).seal(threading.Event())
    assert left == []
    assert table.units == 4


def test_the_beginning_of_the_audit_log_is_forgotten_batch_by_batch() -> None:
    table, left = Table(0), [BATCH, BATCH, 3]

    def forget(_now: datetime, *, limit: int) -> int:
        assert (table.open, limit) == (1, BATCH)
        return left.pop(0)

    a_sweeper(table, forget_audit=forget).forget(threading.Event())
    assert left == []
    assert table.units == 3


def test_a_stop_is_heard_between_two_batches() -> None:
    stop, table = threading.Event(), Table(BATCH * 10)
    stop.set()
    table.sweeper().sweep(stop)
    assert table.rows == BATCH * 9


def test_a_failure_does_not_end_the_sweeper() -> None:
    stop, calls = threading.Event(), []

    def sweep(_now: datetime, *, batch: int) -> Mapping[str, int]:
        calls.append(batch)
        stop.set()
        raise ConnectionError("the database is away")

    table = Table(0)
    a_sweeper(table, delete_expired=sweep).run(stop)
    assert calls == [BATCH]


def test_what_fails_keeps_nothing_else_from_its_turn() -> None:
    stop, table = threading.Event(), Table(12)

    def seal(_now: datetime) -> int:
        raise ValueError("the chain is broken")

    def look(_now: datetime) -> Backlog:
        raise ConnectionError("the database is away")

    def sweep(now: datetime, *, batch: int) -> Mapping[str, int]:
        stop.set()
        return table.sweep(now, batch=batch)

    a_sweeper(table, look_at_outbox=look, seal_audit=seal, delete_expired=sweep).run(stop)
    assert table.rows == 0
