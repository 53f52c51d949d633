"""Pushed requests: for one client, until they expire or a grant answers them."""

from datetime import timedelta

import pytest
from flask import Flask

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.pushed_requests import DatabasePushedRequests
from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.person import Person
from idp_tests.adapters.database.seeds import a_grant, add_authentication, add_person, race
from idp_tests.authorization_requests import PushedInMemory
from idp_tests.databases import CIPHER, NOW

PUSHED = DatabasePushedRequests(CIPHER)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def pushed(in_memory: bool) -> PushedInMemory | DatabasePushedRequests:
    return PushedInMemory() if in_memory else PUSHED


def test_a_pushed_request_is_found_by_its_client_until_it_expires(pushed: PushedRequests) -> None:
    parameters = {"scope": "openid", "claims": {"userinfo": None}}
    pushed.push("hash", "one", parameters, LATER)

    assert pushed.find("hash", "one", NOW) == parameters
    assert pushed.find("hash", "two", NOW) is None
    assert pushed.find("other", "one", NOW) is None
    assert pushed.find("hash", "one", LATER) is None


def test_the_first_visit_gives_a_pushed_request_the_life_of_the_login(pushed: PushedRequests) -> None:
    pushed.push("hash", "one", {}, LATER)
    end = LATER + timedelta(hours=1)

    pushed.visit("hash", "two", NOW, end)
    assert pushed.find("hash", "one", LATER) is None
    pushed.visit("hash", "one", NOW, end)
    pushed.visit("hash", "one", LATER, end + timedelta(hours=1))
    assert pushed.find("hash", "one", LATER) == {}
    assert pushed.find("hash", "one", end) is None


def test_an_answered_request_is_gone_and_a_visit_does_not_bring_it_back(
    pushed: PushedInMemory | DatabasePushedRequests,
) -> None:
    pushed.push("hash", "one", {}, LATER)

    if isinstance(pushed, PushedInMemory):
        pushed.answer("hash")
    else:
        person = add_person()
        _answer("hash", person, add_authentication(person))
    pushed.visit("hash", "one", NOW, LATER)

    assert pushed.find("hash", "one", NOW) is None


@pytest.mark.usefixtures("database_context")
def test_a_pushed_request_is_used_up_by_the_grant_that_answers_it_even_after_its_time() -> None:
    with unit_of_work():
        PUSHED.push("hash", "one", {}, NOW)
        person = add_person()
        event = add_authentication(person)

        assert _answer("hash", person, event)
        PUSHED.visit("hash", "one", NOW, LATER)
        assert PUSHED.find("hash", "one", NOW) is None
        assert not _answer("hash", person, event)
        assert _answer("another", person, event)


@pytest.mark.usefixtures("database_context")
def test_of_fifty_that_answer_one_pushed_request_at_once_exactly_one_does(database_app: Flask) -> None:
    with unit_of_work():
        PUSHED.push("hash", "one", {}, LATER)
        person = add_person()
        event = add_authentication(person)

    assert race(database_app, lambda: _answer("hash", person, event)).count(True) == 1


def _answer(reference_hash: str, person: Person, event: Authentication) -> bool:
    return DatabaseGrants(CIPHER).open(a_grant(person, event, pushed_reference_hash=reference_hash))
