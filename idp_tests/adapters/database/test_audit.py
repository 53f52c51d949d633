"""The audit log: no secrets, no waiting, and a chain that shows every tampering."""

import itertools
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Delete, Insert, Update, delete, insert, select, update

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import audit, audit_seals
from idp.core.audit_log import Recorded
from idp.core.events import BankIdCancelled, ConsentAllowed, LinkRefused, LoginLeft, SessionEnded
from idp_tests.adapters.database.seeds import race
from idp_tests.databases import NOW, Statements

pytestmark = pytest.mark.usefixtures("database_context")

AUDIT = DatabaseAudit()


def _event(number: int = 0) -> SessionEnded:
    return SessionEnded(person_id="p" * 32, session_id=str(number), reason="logout")


def _sealed(events: int = 6) -> None:
    with unit_of_work():
        for number in range(events):
            AUDIT.record(_event(number), NOW + timedelta(seconds=number))
        AUDIT.seal(NOW + timedelta(minutes=1))


def _id_at(position: int) -> str:
    return str(
        connection().execute(select(audit_seals.c.audit_id).where(audit_seals.c.position == position)).scalar_one()
    )


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
        AUDIT.record(LinkRefused(person_id=None, client_id="minasidor", interaction_id="of-this-login"), NOW)
        [read] = AUDIT.of_interaction("of-this-login", NOW)
    assert read.facts == {"client_id": "minasidor", "interaction_id": "of-this-login"}


def test_a_logins_events_are_read_in_their_order_and_no_other_logins() -> None:
    with unit_of_work():
        for minutes, interaction_id in enumerate(("of-this-login", "of_this_login", "of-this-login-too", "%")):
            when = NOW + timedelta(minutes=minutes)
            AUDIT.record(LoginLeft(client_id="minasidor", interaction_id=interaction_id), when)
        AUDIT.record(BankIdCancelled(identification_id="of-this-login"), NOW + timedelta(minutes=9))
        AUDIT.record(BankIdCancelled(identification_id="of-this-login"), NOW + timedelta(days=9))

        assert [each.name for each in AUDIT.of_interaction("of-this-login", NOW)] == ["login.left", "bankid.cancelled"]
        assert len(AUDIT.of_interaction("of_this_login", NOW)) == 1


def test_a_sealed_chain_verifies() -> None:
    _sealed()

    with unit_of_work():
        AUDIT.record(_event(), NOW)
        chain = AUDIT.verify()
    assert (chain.checked, chain.unsealed, chain.breaks) == (6, 1, ())


def test_sealing_continues_the_chain() -> None:
    _sealed()
    with unit_of_work():
        AUDIT.record(_event(), NOW + timedelta(seconds=9))
        assert AUDIT.seal(NOW + timedelta(minutes=1)) == 1
        assert AUDIT.seal(NOW + timedelta(minutes=1)) == 0

        assert (AUDIT.verify().checked, AUDIT.verify().breaks) == (7, ())


def test_what_happened_while_no_job_ran_is_sealed_when_they_are_back() -> None:
    _sealed()
    back = NOW + timedelta(hours=3)
    with unit_of_work():
        for minutes in (5, 60, 125):
            AUDIT.record(_event(), NOW + timedelta(minutes=minutes))
        assert AUDIT.seal(back) == 3

        chain = AUDIT.verify()
    assert (chain.checked, chain.unsealed, chain.breaks) == (9, 0, ())


def test_a_row_that_was_committed_late_is_sealed_after_younger_ones() -> None:
    _sealed()
    with unit_of_work():
        AUDIT.record(_event(), NOW - timedelta(minutes=5))
        assert AUDIT.seal(NOW + timedelta(minutes=2)) == 1

        assert AUDIT.verify().breaks == ()


def test_a_clock_that_went_wrong_for_a_moment_keeps_no_row_from_its_seal() -> None:
    _sealed()
    with unit_of_work():
        AUDIT.record(_event(), NOW + timedelta(days=400))
        assert AUDIT.seal(NOW + timedelta(minutes=1)) == 1
        AUDIT.record(_event(), NOW + timedelta(minutes=2))
        assert AUDIT.seal(NOW + timedelta(hours=3)) == 1


def _tamperings() -> dict[str, list[Update | Delete | Insert]]:
    third = _id_at(3)
    copied = {"id": third[:-1] + "x", "at": NOW, "event": "login.identified", "facts": "{}"}
    return {
        "edited": [update(audit).where(audit.c.id == third).values(facts="{}")],
        "moved in time": [update(audit).where(audit.c.id == third).values(at=NOW + timedelta(days=1))],
        "another person": [update(audit).where(audit.c.id == third).values(person_id="q" * 32)],
        "removed": [delete(audit).where(audit.c.id == third)],
        "removed with its seal": [
            delete(audit_seals).where(audit_seals.c.position == 3),
            delete(audit).where(audit.c.id == third),
        ],
        "replaced": [
            insert(audit).values(**copied),
            update(audit_seals).where(audit_seals.c.position == 3).values(audit_id=copied["id"]),
        ],
        "seal edited": [update(audit_seals).where(audit_seals.c.position == 3).values(chain_hash=bytes(32))],
    }


@pytest.mark.parametrize(
    "tampering",
    ["edited", "moved in time", "another person", "removed", "removed with its seal", "replaced", "seal edited"],
)
def test_tampering_breaks_the_chain_where_it_was_done(tampering: str) -> None:
    _sealed()
    with unit_of_work():
        for statement in _tamperings()[tampering]:
            connection().execute(statement)

        breaks = AUDIT.verify().breaks
    assert breaks
    assert breaks[0].startswith("3: ")


def test_events_and_sealers_at_once_make_one_unbroken_chain(database_app: Flask) -> None:
    numbers = itertools.count()

    def work() -> None:
        number = next(numbers)
        if number % 5 == 0:
            AUDIT.seal(NOW + timedelta(minutes=1))
        else:
            AUDIT.record(_event(number), NOW + timedelta(milliseconds=number))

    race(database_app, work)
    with unit_of_work():
        AUDIT.seal(NOW + timedelta(minutes=1))
        chain = AUDIT.verify()

    assert (chain.checked, chain.unsealed, chain.breaks) == (40, 0, ())
