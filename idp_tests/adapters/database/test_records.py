"""Consents, seen ids, pushed requests and incidents: small tables with one rule each."""

from datetime import timedelta

import pytest
from flask import Flask

from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.incidents import DatabaseIncidents
from idp.adapters.database.pushed_requests import DatabasePushedRequests
from idp.adapters.database.seen_ids import DatabaseSeenIds
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.person import Person
from idp_tests.adapters.database.seeds import a_grant, add_authentication, add_person, race
from idp_tests.databases import CIPHER, NOW, Statements

pytestmark = pytest.mark.usefixtures("database_context")

CONSENTS = DatabaseConsents()
INCIDENTS = DatabaseIncidents()
PUSHED = DatabasePushedRequests(CIPHER)
SEEN = DatabaseSeenIds()
LATER = NOW + timedelta(days=1)


def test_consents_add_up_until_they_expire() -> None:
    with unit_of_work():
        person = add_person()
        CONSENTS.allow(person.id, "shop", ["openid", "email"], NOW, LATER)
        CONSENTS.allow(person.id, "shop", ["openid", "phone"], NOW, LATER + timedelta(days=1))

        assert CONSENTS.find(person.id, "shop", NOW) == {"openid", "email", "phone"}
        assert CONSENTS.find(person.id, "shop", LATER) == {"openid", "phone"}
        assert CONSENTS.find(person.id, "other", NOW) == frozenset()


def test_what_everybody_allowed_a_client_goes_with_it() -> None:
    with unit_of_work():
        first, second = add_person(), add_person("197001010018")
        for person in (first, second):
            CONSENTS.allow(person.id, "gone", ["openid", "email"], NOW, LATER)
        CONSENTS.allow(first.id, "shop", ["openid"], NOW, LATER)

        assert CONSENTS.withdraw_for_client("gone") == 4
        assert CONSENTS.find(first.id, "gone", NOW) == CONSENTS.find(second.id, "gone", NOW) == frozenset()
        assert CONSENTS.find(first.id, "shop", NOW) == {"openid"}


def test_a_withdrawn_consent_is_gone() -> None:
    with unit_of_work():
        person = add_person()
        CONSENTS.allow(person.id, "shop", ["openid"], NOW, LATER)

        assert CONSENTS.withdraw(person.id, "shop", NOW)
        assert not CONSENTS.withdraw(person.id, "shop", NOW)
        assert CONSENTS.find(person.id, "shop", NOW) == frozenset()


def test_an_id_is_new_once_per_purpose_and_owner(statements: Statements) -> None:
    with unit_of_work():
        statements.forget()
        assert SEEN.remember("client_assertion", "one", "jti", LATER)
        assert statements.count == 1
        assert not SEEN.remember("client_assertion", "one", "jti", LATER)
        assert SEEN.remember("client_assertion", "two", "jti", LATER)
        assert SEEN.remember("dpop", "one", "jti", LATER)


def test_of_fifty_that_send_one_id_at_once_exactly_one_is_first(database_app: Flask) -> None:
    outcomes = race(database_app, lambda: SEEN.remember("dpop", "one", "jti", LATER))

    assert outcomes.count(True) == 1


def test_an_id_of_a_request_that_crashed_may_come_again() -> None:
    def crash() -> None:
        with unit_of_work():
            assert SEEN.remember("dpop", "one", "jti", LATER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()

    with unit_of_work():
        assert SEEN.remember("dpop", "one", "jti", LATER)


def test_a_pushed_request_is_found_by_its_client_until_it_expires() -> None:
    parameters = {"scope": "openid", "claims": {"userinfo": None}}
    with unit_of_work():
        PUSHED.push("hash", "one", parameters, LATER)

        assert PUSHED.find("hash", "one", NOW) == parameters
        assert PUSHED.find("hash", "two", NOW) is None
        assert PUSHED.find("hash", "one", LATER) is None


def test_the_first_visit_gives_a_pushed_request_the_life_of_the_login() -> None:
    with unit_of_work():
        PUSHED.push("hash", "one", {}, LATER)
        end = LATER + timedelta(hours=1)

        PUSHED.visit("hash", "two", NOW, end)
        assert PUSHED.find("hash", "one", LATER) is None
        PUSHED.visit("hash", "one", NOW, end)
        PUSHED.visit("hash", "one", LATER, end + timedelta(hours=1))
        assert PUSHED.find("hash", "one", LATER) == {}
        assert PUSHED.find("hash", "one", end) is None


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


def test_of_fifty_that_answer_one_pushed_request_at_once_exactly_one_does(database_app: Flask) -> None:
    with unit_of_work():
        PUSHED.push("hash", "one", {}, LATER)
        person = add_person()
        event = add_authentication(person)

    assert race(database_app, lambda: _answer("hash", person, event)).count(True) == 1


def _answer(reference_hash: str, person: Person, event: Authentication) -> bool:
    return DatabaseGrants(CIPHER).open(a_grant(person, event, pushed_reference_hash=reference_hash))


def test_an_incident_is_explained_by_its_code() -> None:
    with unit_of_work():
        INCIDENTS.note("K7Q2", NOW, {"page": "error.crash", "status": 500})
        INCIDENTS.note("K7Q2", LATER, {"page": "later"})

        assert INCIDENTS.find("K7Q2") == {"page": "error.crash", "status": 500, "at": NOW.isoformat()}
        assert INCIDENTS.find("none") is None


def test_error_pages_without_end_fill_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.database.incidents.MOST_IN_A_DAY", 2)
    with unit_of_work():
        for code in ("A", "B", "C"):
            INCIDENTS.note(code, NOW, {})
        assert INCIDENTS.find("C") is None
        INCIDENTS.note("D", LATER, {})
        assert INCIDENTS.find("D") is not None
