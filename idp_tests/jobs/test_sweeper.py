"""The sweeper: small batches in transactions of their own, and the audit log sealed."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from prometheus_client import REGISTRY

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
        yield
        self.open -= 1

    def sweeper(self) -> Sweeper:
        return a_sweeper(self)


def a_sweeper(table: Table, **changes: Any) -> Sweeper:
    members: dict[str, Any] = {
        "sweep": table.sweep,
        "seal_audit": table.seal,
        "count_waiting": lambda _now: 7,
        "count_overdue": lambda _now: 3,
        "unit_of_work": table.unit,
        "clock": lambda: NOW,
    }
    return Sweeper(**members | changes)


def test_how_much_waits_and_went_is_shown_as_figures() -> None:
    def swept() -> float:
        return REGISTRY.get_sample_value("idp_swept_rows_total", {"table": "grants"}) or 0.0

    before = swept()
    Table(12).sweeper().beat(threading.Event())
    assert swept() - before == 12
    assert REGISTRY.get_sample_value("idp_outbox_waiting") == 7
    assert REGISTRY.get_sample_value("idp_orders_overdue") == 3


def test_a_backlog_goes_batch_by_batch_each_in_a_transaction_of_its_own() -> None:
    table = Table(BATCH * 3 + 7)
    assert table.sweeper().beat(threading.Event()) == {"grants": BATCH * 3 + 7}
    assert table.units == 2 + 4


def test_a_great_backlog_is_left_to_the_next_minutes() -> None:
    table = Table(BATCH * 1000)
    table.sweeper().beat(threading.Event())
    assert 0 < table.rows < BATCH * 1000


def test_the_audit_log_is_sealed_at_every_beat() -> None:
    table = Table(0)
    table.sweeper().beat(threading.Event())
    assert table.sealed == [NOW]


def test_a_backlog_of_the_audit_log_is_sealed_at_once_and_not_in_one_transaction() -> None:
    table, left = Table(0), [1000, 1000, 3, 0]

    def seal(_now: datetime) -> int:
        assert table.open == 1
        return left.pop(0)

    a_sweeper(table, seal_audit=seal).beat(threading.Event())
    assert left == []
    assert table.units == 4 + 1 + 1


def test_a_stop_is_heard_between_two_batches() -> None:
    stop, table = threading.Event(), Table(BATCH * 10)
    stop.set()
    table.sweeper().beat(stop)
    assert table.rows == BATCH * 9


def test_a_failure_does_not_end_the_sweeper() -> None:
    stop, calls = threading.Event(), []

    def sweep(_now: datetime, *, batch: int) -> Mapping[str, int]:
        calls.append(batch)
        stop.set()
        raise ConnectionError("the database is away")

    table = Table(0)
    a_sweeper(table, sweep=sweep).run(stop)
    assert calls == [BATCH]
