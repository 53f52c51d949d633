"""The lease queue on a real table: what is due is one worker's, until it says so or its time is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.lease_queue import LeaseQueue
from idp.adapters.database.tables import outbox
from idp.core.overtaken import Overtaken
from idp_tests.adapters.database.seeds import race
from idp_tests.databases import NOW, Statements

pytestmark = pytest.mark.usefixtures("database_context")

QUEUE = LeaseQueue(outbox)
URGENT_FIRST = LeaseQueue(outbox, urgent=outbox.c.kind == "urgent")
UNTIL = NOW + timedelta(seconds=30)


def put(*names: str, next_at: datetime | None = NOW, kind: str = "usual") -> None:
    with unit_of_work():
        for name in names:
            row = {"id": name, "kind": kind, "key": name, "created_at": NOW, "next_at": next_at, "tries": 0}
            connection().execute(insert(outbox), row)


def lease(worker: str = "node.a", *, now: datetime = NOW, limit: int = 10, queue: LeaseQueue = QUEUE) -> Sequence[str]:
    with unit_of_work():
        return [row["id"] for row in queue.lease_due(worker, now, now + (UNTIL - NOW), limit)]


def next_at(name: str) -> datetime | None:
    with unit_of_work():
        found: datetime | None = connection().execute(select(outbox.c.next_at).where(outbox.c.id == name)).scalar_one()
    return found


def test_the_longest_due_comes_first_and_what_is_not_due_does_not_come() -> None:
    put("later", next_at=NOW + timedelta(seconds=1))
    put("second")
    put("first", next_at=NOW - timedelta(seconds=1))
    put("never", next_at=None)
    assert lease() == ["first", "second"]


def test_what_is_urgent_goes_before_what_is_longer_due() -> None:
    put("usual", next_at=NOW - timedelta(seconds=9))
    put("urgent", kind="urgent")
    assert lease(queue=URGENT_FIRST, limit=1) == ["urgent"]
    assert lease(queue=URGENT_FIRST) == ["usual"]


def test_a_lease_is_one_workers_until_its_time_is_over() -> None:
    put("a")
    assert lease("node.a") == ["a"]
    assert lease("node.b") == []
    assert lease("node.b", now=UNTIL) == ["a"]


def test_what_is_finished_never_comes_back() -> None:
    put("a")
    lease()
    with unit_of_work():
        QUEUE.finish("a", "node.a", last_error="none")
    assert next_at("a") is None
    assert lease(now=UNTIL) == []


def test_what_is_to_be_done_again_comes_at_its_time() -> None:
    put("a")
    lease()
    with unit_of_work():
        QUEUE.again("a", "node.a", NOW + timedelta(seconds=5), tries=1)
    assert lease(now=NOW + timedelta(seconds=4)) == []
    assert lease(now=NOW + timedelta(seconds=5)) == ["a"]


def test_a_worker_that_lost_its_lease_ends_nothing() -> None:
    put("a")
    lease("node.a")
    lease("node.b", now=UNTIL)
    with unit_of_work():
        with pytest.raises(Overtaken):
            QUEUE.finish("a", "node.a")
        with pytest.raises(Overtaken):
            QUEUE.again("a", "node.a", UNTIL)
        with pytest.raises(Overtaken):
            QUEUE.finish("a", "node.b", outbox.c.kind == "another")
        QUEUE.finish("a", "node.b")


def test_what_is_given_back_is_anybodys_at_once_and_is_taken_from_nobody_else() -> None:
    put("a")
    lease("node.a")
    with unit_of_work():
        QUEUE.give_back("a", "node.b")
    assert lease("node.b") == []
    with unit_of_work():
        QUEUE.give_back("a", "node.a")
    assert lease("node.b") == ["a"]


def test_leases_are_freed_by_the_beginning_of_their_holders_names() -> None:
    put("a", "b", "c")
    for worker in ("node_1.a", "node_1.b", "nodex1.a"):
        lease(worker, limit=1)
    with unit_of_work():
        assert QUEUE.release("node_1.") == 2
        assert QUEUE.count_due(NOW, NOW) == 2
    assert len(lease("node_2.a")) == 2


def test_who_finds_nothing_writes_nothing(statements: Statements) -> None:
    with unit_of_work():
        statements.forget()
        assert QUEUE.lease_due("node.a", NOW, UNTIL, 10) == ()
    assert [text for text in statements.texts if not text.startswith("SELECT")] == []


def test_many_workers_at_once_never_get_the_same_row(database_app: Flask) -> None:
    put(*(f"row {number}" for number in range(20)))
    leased = race(database_app, lambda: [row["id"] for row in QUEUE.lease_due("node.a", NOW, UNTIL, 2)])
    found = [name for names in leased for name in names]
    assert len(found) == len(set(found))
