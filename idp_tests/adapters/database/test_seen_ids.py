"""Seen ids: each counts once, also when fifty come at once."""

from datetime import timedelta

import pytest
from flask import Flask

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp.core.oidc.clients.ports import SeenIds
from idp_tests.adapters.database.seeds import race
from idp_tests.databases import NOW, Statements
from idp_tests.fakes import FakeSeenIds

SEEN = DatabaseSeenIds()
LATER = NOW + timedelta(days=1)


@pytest.fixture
def seen(in_memory: bool) -> SeenIds:
    return FakeSeenIds() if in_memory else SEEN


def test_an_id_is_new_once_per_purpose_and_owner(seen: SeenIds) -> None:
    assert seen.remember("client_assertion", "one", "jti", LATER)
    assert not seen.remember("client_assertion", "one", "jti", LATER)
    assert seen.remember("client_assertion", "two", "jti", LATER)
    assert seen.remember("dpop", "one", "jti", LATER)
    assert seen.remember("dpop", "one", "another", LATER)


@pytest.mark.usefixtures("database_context")
def test_an_id_costs_one_statement(statements: Statements) -> None:
    with unit_of_work():
        statements.forget()
        SEEN.remember("client_assertion", "one", "jti", LATER)
        assert statements.count == 1


def test_of_fifty_that_send_one_id_at_once_exactly_one_is_first(database_app: Flask) -> None:
    outcomes = race(database_app, lambda: SEEN.remember("dpop", "one", "jti", LATER))

    assert outcomes.count(True) == 1


@pytest.mark.usefixtures("database_context")
def test_an_id_of_a_request_that_crashed_may_come_again() -> None:
    def crash() -> None:
        with unit_of_work():
            assert SEEN.remember("dpop", "one", "jti", LATER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()

    with unit_of_work():
        assert SEEN.remember("dpop", "one", "jti", LATER)
