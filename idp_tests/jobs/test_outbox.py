"""The outbox: delivered once in effect, tried again with patience, and given up aloud."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from structlog.testing import capture_logs

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.outbox import DatabaseOutbox
from idp.core.messages import GIVEN_UP_AFTER, Message, Undelivered
from idp.jobs.outbox import LEASE, OutboxDelivery
from idp.jobs.patient_write import PatientWrite
from idp_tests.databases import CIPHER, NOW, a_cipher
from idp_tests.jobs.one_beat import one_beat
from idp_tests.provider import Clock

pytestmark = pytest.mark.each_database

OTHER_CIPHER = a_cipher({2: bytes(32)})


class Bench:
    """A delivery on a real database, to somebody who may refuse."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.clock = Clock()
        self.clock.now = NOW
        self.outbox = DatabaseOutbox(CIPHER)
        self.taken: list[Message] = []
        self.refusal: Undelivered | None = None
        self.delivery = self.another("node-1.a")

    @contextmanager
    def unit(self) -> Iterator[None]:
        with self.app.app_context(), unit_of_work():
            yield

    def another(self, worker: str) -> OutboxDelivery:
        return OutboxDelivery(
            outbox=self.outbox,
            deliver={"greeting": self.deliver},
            write=PatientWrite(unit_of_work=self.unit, clock=self.clock, wait=self.wait),
            clock=self.clock,
            worker=worker,
        )

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    def deliver(self, message: Message, _now: datetime) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(message)

    def put(self, key: str = "k", kind: str = "greeting") -> None:
        with self.unit():
            self.outbox.put(kind, key, {"to": "anna"}, self.clock())

    def beat(self, delivery: OutboxDelivery | None = None) -> bool:
        worker = delivery or self.delivery
        return one_beat(
            worker.outbox,
            worker.work_on,
            unit_of_work=self.unit,
            clock=self.clock,
            worker=worker.worker,
            lease=LEASE,
        )

    @property
    def due(self) -> int:
        with self.unit():
            return self.outbox.waiting(self.clock()).count


@pytest.fixture
def bench(database_app: Flask) -> Bench:
    return Bench(database_app)


def test_a_message_is_delivered_once(bench: Bench) -> None:
    bench.put()
    assert bench.beat()
    assert not bench.beat()
    assert [message.payload for message in bench.taken] == [{"to": "anna"}]


def test_a_delivered_key_is_never_sent_again(bench: Bench) -> None:
    bench.put()
    bench.beat()
    bench.put()
    bench.beat()
    assert len(bench.taken) == 1


def test_what_is_refused_is_tried_again_later_and_then_delivered(bench: Bench) -> None:
    bench.refusal = Undelivered("status_503")
    bench.put()
    bench.beat()
    bench.refusal = None
    assert not bench.beat()
    bench.clock.advance(seconds=5)
    assert bench.beat()
    assert [message.tries for message in bench.taken] == [1]


def test_after_a_day_a_message_is_given_up(bench: Bench) -> None:
    bench.refusal = Undelivered("status_503")
    bench.put()
    tries = 0
    while bench.clock() < NOW + GIVEN_UP_AFTER + timedelta(hours=2):
        tries += bench.beat()
        bench.clock.advance(seconds=60)
    bench.refusal = None
    assert not bench.beat()
    assert bench.due == 0
    assert 25 < tries < 45


def test_what_is_refused_for_good_is_not_tried_again(bench: Bench) -> None:
    bench.refusal = Undelivered("recipient_refused", final=True)
    bench.put()
    bench.beat()
    bench.clock.advance(hours=2)
    assert not bench.beat()


def test_a_kind_that_only_newer_nodes_know_waits_for_them(bench: Bench) -> None:
    bench.put(kind="telegram")
    bench.beat()
    bench.clock.advance(hours=2)
    assert bench.due == 1


def test_the_message_of_a_killed_process_is_delivered_by_the_next(bench: Bench) -> None:
    bench.put()
    with bench.unit():
        bench.outbox.lease_due("node-1.dead", NOW, NOW + LEASE, 10)
    other = bench.another("node-2.b")
    assert not bench.beat(other)
    bench.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert bench.beat(other)
    assert len(bench.taken) == 1


def test_a_node_that_starts_again_needs_not_wait_for_its_own_leases(bench: Bench) -> None:
    bench.put()
    with bench.unit():
        bench.outbox.lease_due("node-1.dead", NOW, NOW + LEASE, 10)
        assert bench.outbox.release("node-1.") == 1
    assert bench.beat()


def test_two_deliveries_at_once_never_take_the_same_message(bench: Bench) -> None:
    for number in range(8):
        bench.put(f"k{number}")
    others = [bench.another(f"node-{number}.x") for number in range(4)]
    threads = [threading.Thread(target=bench.beat, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while bench.beat():
        pass
    assert len({message.key for message in bench.taken}) == len(bench.taken) == 8


def test_a_delivery_whose_mark_was_overtaken_is_not_called_delivered_and_is_given_up_by_its_worker(
    bench: Bench,
) -> None:
    bench.put()

    def slow(_message: Message, _now: datetime) -> None:
        with bench.unit():
            bench.outbox.release("node-1.")
            bench.outbox.lease_due("node-2.b", bench.clock(), bench.clock() + LEASE, 1)

    bench.delivery = replace(bench.delivery, deliver={"greeting": slow})
    with capture_logs() as logs:
        bench.beat()
    assert [entry["event"] for entry in logs] == ["overtaken"]
    assert bench.due == 1


def test_a_message_is_not_sent_again_because_the_mark_was_not_written_at_once(bench: Bench) -> None:
    tries = list[float]()

    @contextmanager
    def unit() -> Iterator[None]:
        with bench.unit():
            yield
            if len(tries) < 3:
                raise OSError("the disk is full")

    bench.put()
    write = PatientWrite(unit_of_work=unit, clock=bench.clock, wait=tries.append)
    bench.delivery = replace(bench.delivery, write=write)
    bench.beat()
    bench.clock.advance(seconds=LEASE.total_seconds())
    assert not bench.beat()
    assert len(bench.taken) == 1


def test_a_bug_in_one_delivery_does_not_end_the_others_and_is_a_failed_try(bench: Bench) -> None:
    def broken(_message: Message, _now: datetime) -> None:
        raise ZeroDivisionError

    bench.delivery = replace(bench.delivery, deliver={"greeting": bench.deliver, "broken": broken})
    bench.put("a", kind="broken")
    bench.put("b")
    with capture_logs() as logs:
        bench.beat()
    assert [message.key for message in bench.taken] == ["b"]
    assert [entry["exc_info"] for entry in logs if entry["event"] == "delivery failed"] == [True]
    assert [entry["reason"] for entry in logs if entry["event"] == "not delivered"] == ["ZeroDivisionError"]
    assert not bench.beat()
    bench.clock.advance(seconds=5)
    assert bench.beat()


def test_a_bug_is_not_tried_for_ever(bench: Bench) -> None:
    def broken(_message: Message, _now: datetime) -> None:
        raise ZeroDivisionError

    bench.delivery = replace(bench.delivery, deliver={"greeting": broken})
    bench.put()
    bench.clock.advance(seconds=GIVEN_UP_AFTER.total_seconds())
    bench.beat()
    assert bench.due == 0
    bench.clock.advance(hours=9)
    assert not bench.beat()


def test_a_message_that_no_key_opens_fails_alone(bench: Bench) -> None:
    bench.put("a")
    with bench.unit():
        DatabaseOutbox(OTHER_CIPHER).put("greeting", "b", {"to": "bo"}, bench.clock())
    bench.put("c")
    with capture_logs() as logs:
        bench.beat()
    assert sorted(message.key for message in bench.taken) == ["a", "c"]
    assert [entry["reason"] for entry in logs if entry["event"] == "not delivered"] == ["FieldUnreadable"]
    bench.delivery = replace(bench.delivery, outbox=DatabaseOutbox(OTHER_CIPHER))
    bench.clock.advance(seconds=5)
    bench.beat()
    assert [message.payload for message in bench.taken[2:]] == [{"to": "bo"}]
