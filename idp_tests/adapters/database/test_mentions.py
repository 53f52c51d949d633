"""Mentions: found by what an encrypted field says; a field that no key opens says nothing."""

import pytest
from sqlalchemy import update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.mentions import place_of, rows_that_say
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.tables import outbox
from idp_tests.databases import CIPHER, NOW, a_cipher

pytestmark = pytest.mark.usefixtures("database_context")

PAYLOAD = outbox.c.payload_encrypted


def test_rows_are_found_by_what_they_say_and_by_further_conditions() -> None:
    with unit_of_work():
        for kind, address in (("one", "anna@example.se"), ("one", "bo@example.se"), ("two", "anna@example.se")):
            DatabaseOutbox(CIPHER).put(kind, f"{kind}{address}", {"to": address}, NOW)
        assert len(rows_that_say(CIPHER, PAYLOAD, ["anna@example.se", "nobody"])) == 2
        assert len(rows_that_say(CIPHER, PAYLOAD, ["anna@example.se"], outbox.c.kind == "one")) == 1
        assert rows_that_say(CIPHER, PAYLOAD, []) == []


def test_what_is_empty_or_of_another_key_says_nothing() -> None:
    with unit_of_work():
        DatabaseOutbox(CIPHER).put("one", "one", {"to": "anna@example.se"}, NOW)
        assert rows_that_say(a_cipher({1: bytes(32)}), PAYLOAD, ["anna@example.se"]) == []
        connection().execute(update(outbox).values(payload_encrypted=None))
        assert rows_that_say(CIPHER, PAYLOAD, ["anna@example.se"]) == []


def test_a_place_is_table_column_and_row() -> None:
    assert place_of(PAYLOAD, "7") == "outbox.payload.7"
