"""The outbox: delivered once in effect, tried again with patience, and given up aloud."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from idp_tests.provider import Clock

pytestmark = pytest.mark.each_database

OTHER_CIPHER = a_cipher({2: bytes(32)})


class Desk:
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
            unit_of_work=self.unit,
            outages=(),
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
        with ThreadPoolExecutor(4) as pool:
            return (delivery or self.delivery).loop().beat(pool)

    @property
    def due(self) -> int:
        with self.unit():
            return self.outbox.waiting(self.clock()).count


@pytest.fixture
def desk(database_app: Flask) -> Desk:
    return Desk(database_app)


def test_a_message_is_delivered_once(desk: Desk) -> None:
    desk.put()
    assert desk.beat()
    assert not desk.beat()
    assert [message.payload for message in desk.taken] == [{"to": "anna"}]


def test_a_delivered_key_is_never_sent_again(desk: Desk) -> None:
    desk.put()
    desk.beat()
    desk.put()
    desk.beat()
    assert len(desk.taken) == 1


def test_what_is_refused_is_tried_again_later_and_then_delivered(desk: Desk) -> None:
    desk.refusal = Undelivered("status_503")
    desk.put()
    desk.beat()
    desk.refusal = None
    assert not desk.beat()
    desk.clock.advance(seconds=5)
    assert desk.beat()
    assert [message.tries for message in desk.taken] == [1]


def test_after_a_day_a_message_is_given_up(desk: Desk) -> None:
    desk.refusal = Undelivered("status_503")
    desk.put()
    tries = 0
    while desk.clock() < NOW + GIVEN_UP_AFTER + timedelta(hours=2):
        tries += desk.beat()
        desk.clock.advance(seconds=60)
    desk.refusal = None
    assert not desk.beat()
    assert desk.due == 0
    assert 25 < tries < 45


def test_what_is_refused_for_good_is_not_tried_again(desk: Desk) -> None:
    desk.refusal = Undelivered("recipient_refused", final=True)
    desk.put()
    desk.beat()
    desk.clock.advance(hours=2)
    assert not desk.beat()


def test_a_kind_that_only_newer_nodes_know_waits_for_them(desk: Desk) -> None:
    desk.put(kind="telegram")
    desk.beat()
    desk.clock.advance(hours=2)
    assert desk.due == 1


def test_the_message_of_a_killed_process_is_delivered_by_the_next(desk: Desk) -> None:
    desk.put()
    with desk.unit():
        desk.outbox.lease_due("node-1.dead", NOW, NOW + LEASE, 10)
    other = desk.another("node-2.b")
    assert not desk.beat(other)
    desk.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert desk.beat(other)
    assert len(desk.taken) == 1


def test_a_node_that_starts_again_needs_not_wait_for_its_own_leases(desk: Desk) -> None:
    desk.put()
    with desk.unit():
        desk.outbox.lease_due("node-1.dead", NOW, NOW + LEASE, 10)
        assert desk.outbox.release("node-1.") == 1
    assert desk.beat()


def test_two_deliveries_at_once_never_take_the_same_message(desk: Desk) -> None:
    for number in range(8):
        desk.put(f"k{number}")
    others = [desk.another(f"node-{number}.x") for number in range(4)]
    threads = [threading.Thread(target=desk.beat, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while desk.beat():
        pass
    assert len({message.key for message in desk.taken}) == len(desk.taken) == 8


def test_a_delivery_whose_mark_was_overtaken_is_not_called_delivered_and_is_given_up_by_its_worker(desk: Desk) -> None:
    desk.put()

    def slow(_message: Message, _now: datetime) -> None:
        with desk.unit():
            desk.outbox.release("node-1.")
            desk.outbox.lease_due("node-2.b", desk.clock(), desk.clock() + LEASE, 1)

    desk.delivery = replace(desk.delivery, deliver={"greeting": slow})
    with capture_logs() as logs:
        desk.beat()
    assert [entry["event"] for entry in logs] == ["overtaken"]
    assert desk.due == 1


def test_a_message_is_not_sent_again_because_the_mark_was_not_written_at_once(desk: Desk) -> None:
    tries = list[float]()

    @contextmanager
    def unit() -> Iterator[None]:
        with desk.unit():
            yield
            if len(tries) < 3:
                raise OSError("the disk is full")

    desk.put()
    write = PatientWrite(unit_of_work=unit, clock=desk.clock, wait=tries.append)
    desk.delivery = replace(desk.delivery, write=write)
    desk.beat()
    desk.clock.advance(seconds=LEASE.total_seconds())
    assert not desk.beat()
    assert len(desk.taken) == 1


def test_a_bug_in_one_delivery_does_not_end_the_others_and_is_a_failed_try(desk: Desk) -> None:
    def broken(_message: Message, _now: datetime) -> None:
        raise ZeroDivisionError

    desk.delivery = replace(desk.delivery, deliver={"greeting": desk.deliver, "broken": broken})
    desk.put("a", kind="broken")
    desk.put("b")
    with capture_logs() as logs:
        desk.beat()
    assert [message.key for message in desk.taken] == ["b"]
    assert [entry["exc_info"] for entry in logs if entry["event"] == "delivery failed"] == [True]
    assert [entry["reason"] for entry in logs if entry["event"] == "not delivered"] == ["ZeroDivisionError"]
    assert not desk.beat()
    desk.clock.advance(seconds=5)
    assert desk.beat()


def test_a_bug_is_not_tried_for_ever(desk: Desk) -> None:
    def broken(_message: Message, _now: datetime) -> None:
        raise ZeroDivisionError

    desk.delivery = replace(desk.delivery, deliver={"greeting": broken})
    desk.put()
    desk.clock.advance(seconds=GIVEN_UP_AFTER.total_seconds())
    desk.beat()
    assert desk.due == 0
    desk.clock.advance(hours=9)
    assert not desk.beat()


def test_a_message_that_no_key_opens_fails_alone(desk: Desk) -> None:
    desk.put("a")
    with desk.unit():
        DatabaseOutbox(OTHER_CIPHER).put("greeting", "b", {"to": "bo"}, desk.clock())
    desk.put("c")
    with capture_logs() as logs:
        desk.beat()
    assert sorted(message.key for message in desk.taken) == ["a", "c"]
    assert [entry["reason"] for entry in logs if entry["event"] == "not delivered"] == ["FieldUnreadable"]
    desk.delivery = replace(desk.delivery, outbox=DatabaseOutbox(OTHER_CIPHER))
    desk.clock.advance(seconds=5)
    desk.beat()
    assert [message.payload for message in desk.taken[2:]] == [{"to": "bo"}]
