"""The outbox: with its cause or not at all, once per key, erased when delivered."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.tables import outbox
from idp.core.messages import Backlog, Message
from idp.core.overtaken import Overtaken
from idp_tests.adapters.database.seeds import race
from idp_tests.databases import CIPHER, NOW, Statements, a_cipher
from idp_tests.fakes import FakeOutbox

on_a_database = pytest.mark.usefixtures("database_context")

OUTBOX = DatabaseOutbox(CIPHER)
LEASED = NOW + timedelta(seconds=30)


def _put(key: str = "key") -> None:
    with unit_of_work():
        OUTBOX.put("mail.test", key, {"to": "anna@example.se"}, NOW)


def _lease(worker: str = "one", now: datetime = NOW) -> list[Message]:
    with unit_of_work():
        return list(OUTBOX.lease_due(worker, now, now + timedelta(seconds=30), 10))


@on_a_database
def test_a_message_is_leased_as_it_was_put() -> None:
    _put()

    [message] = _lease()

    assert (message.kind, message.key, message.payload, message.tries) == (
        "mail.test",
        "key",
        {"to": "anna@example.se"},
        0,
    )
    assert _lease("two") == []
    assert len(_lease("two", LEASED)) == 1


def test_a_key_that_was_put_before_is_left_alone(in_memory: bool) -> None:
    port = FakeOutbox() if in_memory else OUTBOX

    for kind, to in (("mail.test", "anna@example.se"), ("mail.other", "eva@example.se")):
        port.put(kind, "key", {"to": to}, NOW)

    if isinstance(port, FakeOutbox):
        kept = list(port.messages.values())
    else:
        kept = [(message.kind, message.payload) for message in port.lease_due("one", NOW, LEASED, 10)]
    assert kept == [("mail.test", {"to": "anna@example.se"})]


@on_a_database
def test_a_key_is_put_once_even_after_delivery() -> None:
    _put()
    _put()
    [message] = _lease()
    with unit_of_work():
        OUTBOX.delivered(message.id, "one", NOW)
    _put()

    assert _lease("two", LEASED) == []


@on_a_database
def test_a_delivered_payload_is_erased() -> None:
    _put()
    [message] = _lease()
    with unit_of_work():
        with pytest.raises(Overtaken):
            OUTBOX.delivered(message.id, "two", NOW)
        OUTBOX.delivered(message.id, "one", NOW)
        assert connection().execute(select(outbox.c.payload_encrypted)).scalar_one() is None


@on_a_database
def test_a_failed_message_comes_back_with_its_tries_counted_until_it_is_given_up() -> None:
    _put()
    [message] = _lease()
    with unit_of_work():
        OUTBOX.failed(message.id, "one", "refused", LEASED)
    assert _lease("two") == []
    [again] = _lease("two", LEASED)
    assert again.tries == 1
    with unit_of_work():
        OUTBOX.given_up(message.id, "two", "refused", LEASED)
    assert _lease("three", LEASED + timedelta(days=9)) == []


@on_a_database
def test_workers_at_once_never_get_the_same_message(database_app: Flask) -> None:
    for number in range(20):
        _put(f"key {number}")

    leased = race(database_app, lambda: [m.key for m in OUTBOX.lease_due("any", NOW, LEASED, 4)], runners=10)

    keys = [key for batch in leased for key in batch]
    assert len(keys) == len(set(keys))


@on_a_database
def test_a_message_of_a_crashed_cause_is_not_sent() -> None:
    def crash() -> None:
        with unit_of_work():
            OUTBOX.put("mail.test", "key", {}, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()

    assert _lease() == []


@on_a_database
def test_the_leases_of_a_dead_process_are_freed_by_its_node_only() -> None:
    _put()
    _lease("node-1.abcd")
    with unit_of_work():
        assert OUTBOX.release("node.") == 0
        assert OUTBOX.release("node-2.") == 0
        assert OUTBOX.release("node-1.") == 1

    assert len(_lease("node-1.efgh")) == 1


@on_a_database
def test_what_waits_is_counted_by_the_database_with_what_is_leased_or_will_be_tried_again(
    statements: Statements,
) -> None:
    for number in range(4):
        _put(f"key {number}")
    first, second, third, _ = _lease()
    with unit_of_work():
        OUTBOX.delivered(first.id, "one", NOW)
        OUTBOX.given_up(second.id, "one", "refused", NOW)
        OUTBOX.failed(third.id, "one", "refused", NOW + timedelta(hours=1))
    with unit_of_work():
        statements.forget()
        assert OUTBOX.waiting(NOW + timedelta(minutes=5)) == Backlog(count=2, oldest=timedelta(minutes=5))
    assert "count(" in statements.texts[0]


@on_a_database
def test_nothing_waits_for_no_time() -> None:
    with unit_of_work():
        assert OUTBOX.waiting(NOW) == Backlog(count=0, oldest=timedelta(0))


@on_a_database
def test_a_message_that_no_key_opens_keeps_no_other_back() -> None:
    _put("ours")
    with unit_of_work():
        DatabaseOutbox(a_cipher({2: bytes(32)})).put("mail.test", "theirs", {}, NOW)
        leased = OUTBOX.lease_due("one", NOW, LEASED, 10)

    assert {message.key: message.readable for message in leased} == {"ours": True, "theirs": False}
