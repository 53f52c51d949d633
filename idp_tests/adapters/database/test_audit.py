"""The audit log: no secrets, no waiting, and a mark and a number on each row."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from idp.adapters.database.audit import AuditKeys, DatabaseAudit
from idp.adapters.database.columns import microseconds
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import audit
from idp.core.audit_chain.marks import Entry
from idp.core.audit_log import Recorded
from idp.core.events import BankIdCancelled, ConsentAllowed, LinkRefused, LoginLeft, SessionEnded
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.databases import AUDIT_KEYS, NOW, Statements

pytestmark = pytest.mark.usefixtures("database_context")

AUDIT = DatabaseAudit(AUDIT_KEYS)


def _event(number: int = 0) -> SessionEnded:
    return SessionEnded(person_id="p" * 32, session_id=str(number), reason="logout")


def test_an_event_costs_one_statement_and_is_read_back(statements: Statements) -> None:
    allowed = ConsentAllowed(person_id="p" * 32, client_id="partner", scope=("openid", "email"))
    with unit_of_work():
        statements.forget()
        AUDIT.record(allowed, NOW)
        assert statements.count == 1

        read = AUDIT.of_person("p" * 32)
    facts = {"person_id": "p" * 32, "client_id": "partner", "scope": ["openid", "email"]}
    assert read == [Recorded(at=NOW, name="consent.allowed", facts=facts)]


def test_what_is_not_known_is_no_fact() -> None:
    with unit_of_work():
        unknown = LinkRefused(
            person_id=None, client_id="minasidor", interaction_id="of-this-login", guesser="01aa", reference="ABCD2345"
        )
        AUDIT.record(unknown, NOW)
        [read] = AUDIT.of_interaction("of-this-login", NOW)
    assert read.facts == {
        "client_id": "minasidor",
        "interaction_id": "of-this-login",
        "guesser": "01aa",
        "reference": "ABCD2345",
    }


def test_a_logins_events_are_read_in_their_order_and_no_other_logins() -> None:
    with unit_of_work():
        for minutes, interaction_id in enumerate(("of-this-login", "of_this_login", "of-this-login-too", "%")):
            when = NOW + timedelta(minutes=minutes)
            AUDIT.record(LoginLeft(client_id="minasidor", interaction_id=interaction_id), when)
        AUDIT.record(BankIdCancelled(identification_id="of-this-login"), NOW + timedelta(minutes=9))
        AUDIT.record(BankIdCancelled(identification_id="of-this-login"), NOW + timedelta(days=9))

        assert [each.name for each in AUDIT.of_interaction("of-this-login", NOW)] == ["login.left", "bankid.cancelled"]
        assert len(AUDIT.of_interaction("of_this_login", NOW)) == 1


def _rows() -> list[Any]:
    return list(connection().execute(select(audit).order_by(audit.c.number)).all())


def test_every_row_has_a_mark_that_only_its_own_facts_fit() -> None:
    with unit_of_work():
        AUDIT.record(_event(), NOW)
        [row] = _rows()
    entry = Entry(**{name: getattr(row, name) for name in Entry._fields} | {"at": microseconds(row.at)})
    assert AUDIT_KEYS().fits_row(row.mark_hash, entry)
    assert not AUDIT_KEYS().fits_row(row.mark_hash, entry._replace(facts="{}"))


def test_the_rows_of_a_process_are_numbered_over_its_transactions() -> None:
    log = DatabaseAudit(AUDIT_KEYS)
    for _ in range(2):
        with unit_of_work():
            log.record(_event(), NOW)
            log.record(_event(), NOW)
    with unit_of_work():
        rows = _rows()
    assert [(row.number, row.outstanding) for row in rows] == [(1, None), (2, None), (3, None), (4, None)]
    assert len({row.writer for row in rows}) == 1


def test_a_row_that_was_rolled_back_is_said_to_be_lost_by_the_next_one_that_stands() -> None:
    log = DatabaseAudit(AUDIT_KEYS)
    with suppress(ZeroDivisionError), unit_of_work():
        log.record(_event(), NOW)
        raise ZeroDivisionError
    for _ in range(2):
        with unit_of_work():
            log.record(_event(), NOW)
    with unit_of_work():
        rows = _rows()
    assert [(row.number, row.outstanding) for row in rows] == [(2, '{"open":[],"lost":[1]}'), (3, None)]


def test_a_forked_process_numbers_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    log = DatabaseAudit(AUDIT_KEYS)
    with unit_of_work():
        log.record(_event(), NOW)
        monkeypatch.setattr("idp.adapters.database.audit.os.getpid", lambda: -1)
        log.record(_event(), NOW)
        rows = _rows()
    assert [row.number for row in rows] == [1, 1]
    assert len({row.writer for row in rows}) == 2


def test_a_new_version_of_the_secret_makes_the_next_mark() -> None:
    versions = [[SecretKey(version=1, value=bytes(32))]]
    log = DatabaseAudit(AuditKeys(lambda: versions[0]))
    with unit_of_work():
        log.record(_event(), NOW)
        versions[0] = [SecretKey(version=2, value=b"2" * 32), *versions[0]]
        log.record(_event(), NOW)
        assert [row.mark_hash[0] for row in _rows()] == [1, 2]
