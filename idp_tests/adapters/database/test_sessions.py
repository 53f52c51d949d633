"""Browser sessions: found by the hash of their cookie while they live."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from idp.adapters.database.consents import DatabaseConsents
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.sessions import DatabaseSessions
from idp.adapters.database.tables import people
from idp.core.overtaken import Overtaken
from idp.core.signin.session import Session
from idp_tests.adapters.database.seeds import a_grant, a_session, add_authentication, add_customer, add_link, add_person
from idp_tests.builders import a_client
from idp_tests.databases import CIPHER, NOW, Statements

pytestmark = pytest.mark.usefixtures("database_context")

SESSIONS = DatabaseSessions(CIPHER)
IDLE = timedelta(minutes=30)
PARTNER = a_client(client_id="partner", sso_group="prezero")


def _start(cookie_hash: str = "cookie-1") -> Session:
    with unit_of_work():
        person = add_person()
        session = a_session(person, add_authentication(person))
        SESSIONS.start(session, cookie_hash)
    return session


def _find(cookie_hash: str = "cookie-1", after: timedelta = timedelta(seconds=1)) -> Session | None:
    with unit_of_work():
        return SESSIONS.find(cookie_hash, PARTNER, NOW + after, IDLE)


def test_a_session_is_found_as_it_was_started() -> None:
    session = _start()

    assert _find() == session
    assert _find("cookie-2") is None


def test_a_session_comes_with_all_active_customers_in_one_statement(statements: Statements) -> None:
    session = _start()
    with unit_of_work():
        add_link(session.person, add_customer())
        add_link(session.person, add_customer(number="9999", organisation_number="5560360793", active=False))
        add_link(session.person, add_customer(number="777777", organisation_number="2021005489"), number="777777")
    statements.forget()

    found = _find()

    assert found is not None
    assert {str(link.number) for link in found.person.links} == {"123456", "777777"}
    assert found.allowed_scope == frozenset()
    assert statements.count == 1


def test_a_session_says_what_its_person_allowed_the_client(statements: Statements) -> None:
    session = _start()
    with unit_of_work():
        add_link(session.person, add_customer())
        add_link(session.person, add_customer(number="777777", organisation_number="2021005489"), number="777777")
        for client_id, scope, ends in (
            ("partner", ["openid", "email"], NOW + IDLE),
            ("partner", ["phone"], NOW),
            ("another", ["profile"], NOW + IDLE),
        ):
            DatabaseConsents().allow(session.person.id, client_id, scope, NOW, ends)
    statements.forget()

    found = _find()

    assert found is not None
    assert found.allowed_scope == {"openid", "email"}
    assert len(found.person.links) == 2
    assert statements.count == 1


def test_a_session_ends_when_idle_or_too_old() -> None:
    session = _start()

    assert _find(after=IDLE) is None
    with unit_of_work():
        SESSIONS.seen(session.id, NOW + timedelta(minutes=29))
    assert _find(after=IDLE) is not None
    with unit_of_work():
        SESSIONS.seen(session.id, NOW + timedelta(minutes=59))
    assert _find(after=timedelta(minutes=60)) is None


def test_a_grant_is_a_use_of_its_session() -> None:
    session = _start()
    with unit_of_work():
        issued_at = NOW + timedelta(minutes=29)
        grant = a_grant(session.person, session.authentication, session_id=session.id, issued_at=issued_at)
        DatabaseGrants(CIPHER).open(grant)

    assert _find(after=timedelta(minutes=58)) is not None
    assert _find(after=timedelta(minutes=59)) is None


def test_being_seen_never_moves_backwards() -> None:
    session = _start()
    with unit_of_work():
        SESSIONS.seen(session.id, NOW + timedelta(minutes=20))
        SESSIONS.seen(session.id, NOW + timedelta(minutes=10))

    found = _find()
    assert found is not None
    assert found.seen_at == NOW + timedelta(minutes=20)


def test_a_blocked_person_has_no_session() -> None:
    _start()
    with unit_of_work():
        connection().execute(update(people).values(blocked_at=NOW))

    assert _find() is None


def test_a_session_ends_once() -> None:
    session = _start()

    with unit_of_work():
        assert SESSIONS.end(session.id, NOW, reason="logout")
        assert not SESSIONS.end(session.id, NOW, reason="logout")
    assert _find() is None


def test_all_sessions_of_a_person_end_together() -> None:
    session = _start()
    with unit_of_work():
        other = replace(session, id="f" * 32)
        SESSIONS.start(other, "cookie-2")
        assert set(SESSIONS.end_for_person(session.person.id, NOW, reason="blocked")) == {session.id, other.id}

    assert _find() is None
    assert _find("cookie-2") is None


def test_a_renewed_session_has_a_new_cookie_and_the_old_one_is_worth_nothing() -> None:
    session = _start()
    with unit_of_work():
        again = replace(session, authentication=add_authentication(session.person), seen_at=NOW + IDLE)
        SESSIONS.renew(again, "cookie-2")

    assert _find() is None
    assert _find("cookie-2") == again


def test_an_ended_session_or_another_persons_is_not_renewed() -> None:
    session = _start()
    with unit_of_work():
        somebody = add_person("197001010018")
        with pytest.raises(Overtaken):
            SESSIONS.renew(replace(session, person=somebody), "cookie-2")
        SESSIONS.end(session.id, NOW, reason="logout")
        with pytest.raises(Overtaken):
            SESSIONS.renew(session, "cookie-2")


def test_a_session_counts_in_its_own_group_only() -> None:
    _start()
    with unit_of_work():
        assert SESSIONS.find("cookie-1", replace(PARTNER, sso_group="own"), NOW, IDLE) is None
        assert SESSIONS.find_unended("cookie-1", "own") is None


def test_a_session_past_its_time_can_still_be_ended_once() -> None:
    session = _start()
    with unit_of_work():
        assert SESSIONS.find_unended("cookie-1", "prezero") == (session.id, session.person.id)
        SESSIONS.end(session.id, NOW, reason="logout")
        assert SESSIONS.find_unended("cookie-1", "prezero") is None
