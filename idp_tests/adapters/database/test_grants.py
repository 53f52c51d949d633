"""Grants: codes and refresh tokens are used once, and nothing lives that was revoked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.tables import grants, links, people
from idp.core.oidc.tokens.grant import Grant, LiveGrant
from idp_tests.adapters.database.seeds import a_grant, add_authentication, add_customer, add_link, add_person, race
from idp_tests.databases import CIPHER, NOW, Statements

GRANTS = DatabaseGrants(CIPHER)
LATER = NOW + timedelta(seconds=5)


pytestmark = pytest.mark.usefixtures("database_context")


def _open(**fields: Any) -> Grant:
    with unit_of_work():
        person = add_person()
        grant = a_grant(person, add_authentication(person), **fields)
        GRANTS.open(grant)
    return grant


def _redeem(grant: Grant, **changes: Any) -> LiveGrant | None:
    values: dict[str, Any] = {"client_id": grant.client_id, "now": LATER, "dpop_jkt": None} | changes
    with unit_of_work():
        return GRANTS.redeem_code(grant.id, **values)


def _redeemed(**fields: Any) -> Grant:
    grant = _open(**fields)
    assert _redeem(grant) is not None
    return grant


def test_a_redeemed_code_gives_the_grant_as_it_was_opened() -> None:
    grant = _open()

    live = _redeem(grant)

    assert live is not None
    assert live.grant == replace(grant, redeemed_at=LATER)
    assert live.person.id == grant.person_id
    assert live.person.name == "Anna Andersson"
    assert live.authentication.amr == ("swk", "user")
    assert live.authentication.device_ip == "192.0.2.7"
    assert live.customer is None


def test_a_code_is_redeemed_once() -> None:
    grant = _open()

    assert _redeem(grant) is not None
    assert _redeem(grant) is None


def test_of_fifty_that_redeem_one_code_at_once_exactly_one_succeeds(database_app: Flask) -> None:
    grant = _open()

    outcomes = race(database_app, lambda: GRANTS.redeem_code(grant.id, grant.client_id, LATER, dpop_jkt=None))

    assert sum(outcome is not None for outcome in outcomes) == 1


@pytest.mark.parametrize("changes", [{"client_id": "other"}, {"now": NOW + timedelta(seconds=60)}])
def test_a_code_of_another_client_or_past_its_time_is_refused_and_not_used_up(changes: dict[str, Any]) -> None:
    grant = _open()

    assert _redeem(grant, **changes) is None
    assert _redeem(grant) is not None


def test_a_code_takes_the_key_of_its_first_proof() -> None:
    grant = _open()

    live = _redeem(grant, dpop_jkt="key-1")

    assert live is not None
    assert live.grant.dpop_jkt == "key-1"


@pytest.mark.parametrize("key", [None, "key-2"])
def test_a_code_bound_to_a_key_needs_that_key(key: str | None) -> None:
    grant = _open(dpop_jkt="key-1")

    assert _redeem(grant, dpop_jkt=key) is None
    assert _redeem(grant, dpop_jkt="key-1") is not None


def test_a_blocked_person_redeems_nothing() -> None:
    grant = _open()
    with unit_of_work():
        connection().execute(update(people).values(blocked_at=NOW))

    assert _redeem(grant) is None


def test_a_replayed_code_revokes_its_grant_for_its_own_client_only() -> None:
    grant = _redeemed()

    with unit_of_work():
        assert not GRANTS.revoke_replayed(grant.id, "other", LATER)
        assert GRANTS.find_live(grant.id, LATER) is not None
        assert GRANTS.revoke_replayed(grant.id, grant.client_id, LATER)
        assert GRANTS.find_live(grant.id, LATER) is None
        assert not GRANTS.revoke_replayed(grant.id, grant.client_id, LATER)


def test_a_code_that_was_never_redeemed_is_not_a_replay() -> None:
    grant = _open()

    with unit_of_work():
        assert not GRANTS.revoke_replayed(grant.id, grant.client_id, LATER)


def test_a_refresh_moves_to_the_next_generation_once() -> None:
    grant = _redeemed()

    with unit_of_work():
        first = GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER)
        again = GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER)

    assert first is not None
    assert (first.grant.generation, first.grant.rotated_at, first.grant.retries) == (1, LATER, 0)
    assert again is None


def test_of_fifty_that_rotate_one_refresh_token_at_once_exactly_one_succeeds(database_app: Flask) -> None:
    grant = _redeemed()

    outcomes = race(database_app, lambda: GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER))

    assert sum(outcome is not None for outcome in outcomes) == 1


def test_refresh_needs_a_redeemed_unrevoked_grant_of_the_client_in_its_time() -> None:
    unredeemed = _open()
    with unit_of_work():
        assert GRANTS.rotate_refresh(unredeemed.id, unredeemed.client_id, 0, LATER) is None
    _redeem(unredeemed)
    with unit_of_work():
        assert GRANTS.rotate_refresh(unredeemed.id, "other", 0, LATER) is None
        assert GRANTS.rotate_refresh(unredeemed.id, unredeemed.client_id, 0, NOW + timedelta(hours=8)) is None
        GRANTS.revoke(unredeemed.id, LATER, reason="test")
        assert GRANTS.rotate_refresh(unredeemed.id, unredeemed.client_id, 0, LATER) is None


def test_a_grant_without_refresh_is_not_refreshed() -> None:
    grant = _redeemed(refresh_expires_at=None)

    with unit_of_work():
        assert GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER) is None
        assert GRANTS.reuse_refresh(grant.id, grant.client_id, 0, LATER) is None


def test_the_immediate_predecessor_is_repeated_so_often_and_so_long() -> None:
    grant = _redeemed()

    def repeat(generation: int = 0, after: int = 10) -> LiveGrant | None:
        at = LATER + timedelta(seconds=after)
        return GRANTS.repeat_refresh(grant.id, grant.client_id, generation, at, grace=timedelta(seconds=30), most=2)

    with unit_of_work():
        assert repeat() is None
        GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER)
        assert repeat(after=30) is None
        first = repeat()
        assert first is not None
        assert (first.grant.generation, first.grant.retries) == (1, 1)
        assert repeat() is not None
        assert repeat() is None
        GRANTS.rotate_refresh(grant.id, grant.client_id, 1, LATER)
        assert repeat(generation=0) is None


def test_an_unrotated_refresh_token_is_read_again_and_again() -> None:
    grant = _redeemed()

    with unit_of_work():
        for _ in range(3):
            assert GRANTS.reuse_refresh(grant.id, grant.client_id, 0, LATER) is not None
        assert GRANTS.reuse_refresh(grant.id, grant.client_id, 1, LATER) is None
        assert GRANTS.reuse_refresh(grant.id, "other", 0, LATER) is None


def test_the_active_customer_is_there_as_long_as_the_link_stands() -> None:
    with unit_of_work():
        person = add_person()
        customer_id = add_customer()
        add_link(person, customer_id)
        grant = a_grant(person, add_authentication(person), customer_id=customer_id)
        GRANTS.open(grant)

    with unit_of_work():
        live = GRANTS.find_live(grant.id, LATER)
        assert live is not None
        assert live.customer is not None
        assert live.customer.organisation_number.digits == "5560160680"
        assert live.person.links == ()
        connection().execute(update(links).values(ended_at=NOW))
        after = GRANTS.find_live(grant.id, LATER)
        assert after is not None
        assert after.customer is None


def test_all_customers_come_when_asked_for() -> None:
    with unit_of_work():
        person = add_person()
        for number, organisation in (("123456", "5560160680"), ("234567", "5560360793"), ("345678", "2021005489")):
            add_link(person, add_customer(number=number, organisation_number=organisation), number=number)
        connection().execute(update(links).where(links.c.number == "345678").values(suspended_at=NOW))
        grant = a_grant(person, add_authentication(person))
        GRANTS.open(grant)

    with unit_of_work():
        live = GRANTS.find_live_with_more(grant.id, LATER, evidence=False)

    assert live is not None
    assert {str(link.number) for link in live.person.links} == {"123456", "234567"}


def test_the_active_customer_comes_among_all_of_them() -> None:
    with unit_of_work():
        person = add_person()
        first, second = add_customer(number="123456"), add_customer(number="234567", organisation_number="5560360793")
        for customer_id, number in ((first, "123456"), (second, "234567")):
            add_link(person, customer_id, number=number)
        event = add_authentication(person)
        active, none = a_grant(person, event, customer_id=second), a_grant(person, event)
        GRANTS.open(active)
        GRANTS.open(none)

    with unit_of_work():
        live, without = (GRANTS.find_live_with_more(grant.id, LATER, evidence=False) for grant in (active, none))
        connection().execute(update(links).values(ended_at=NOW))
        ended = GRANTS.find_live_with_more(active.id, LATER, evidence=False)
        gone = GRANTS.find_live_with_more("0" * 32, LATER, evidence=True)

    assert live is not None
    assert live.customer is not None
    assert (str(live.customer.number), len(live.person.links)) == ("234567", 2)
    assert without is not None
    assert (without.customer, len(without.person.links)) == (None, 2)
    assert ended is not None
    assert (ended.customer, ended.person.links) == (None, ())
    assert gone is None


def test_a_grant_lives_until_it_expires_or_is_revoked_or_its_person_blocked() -> None:
    grant = _redeemed()

    with unit_of_work():
        assert GRANTS.find_live(grant.id, grant.expires_at) is None
        assert GRANTS.find_live(grant.id, LATER) is not None
        connection().execute(update(people).values(blocked_at=NOW))
        assert GRANTS.find_live(grant.id, LATER) is None
        connection().execute(update(people).values(blocked_at=None))
        assert GRANTS.revoke(grant.id, LATER, reason="asked")
        assert GRANTS.find_live(grant.id, LATER) is None
        assert not GRANTS.revoke(grant.id, LATER, reason="asked again")


def test_the_end_of_a_session_leaves_offline_grants_alone() -> None:
    with unit_of_work():
        person = add_person()
        event = add_authentication(person)
        bound, offline = a_grant(person, event), a_grant(person, event, offline=True)
        GRANTS.open(bound)
        GRANTS.open(offline)
        assert GRANTS.revoke_for_session("s" * 32, LATER, reason="logout") == 1
        assert GRANTS.find_live(bound.id, LATER) is None
        assert GRANTS.find_live(offline.id, LATER) is not None


def test_a_person_or_a_person_at_one_client_can_be_revoked() -> None:
    with unit_of_work():
        person = add_person()
        event = add_authentication(person)
        for client in ("one", "one", "two", "three"):
            GRANTS.open(a_grant(person, event, client_id=client))
        assert GRANTS.revoke_for_person_and_client(person.id, "one", LATER, reason="withdrawn") == 2
        left = select(grants.c.client_id).where(grants.c.revoked_at.is_(None))
        assert set(connection().execute(left).scalars()) == {"two", "three"}
        assert GRANTS.revoke_for_person(person.id, LATER, reason="blocked") == 2
        assert set(connection().execute(select(grants.c.revoke_reason)).scalars()) == {"withdrawn", "blocked"}


def test_what_acts_for_a_customer_can_be_revoked_alone() -> None:
    with unit_of_work():
        person = add_person()
        event = add_authentication(person)
        here, there = a_grant(person, event, customer_id="c" * 32), a_grant(person, event, customer_id="d" * 32)
        for grant in (here, there):
            GRANTS.open(grant)
        assert GRANTS.revoke_for_person_and_customer(person.id, "c" * 32, LATER, reason="unlinked") == 1
        assert GRANTS.find_live(here.id, LATER) is None
        assert GRANTS.find_live(there.id, LATER) is not None


def test_the_clients_of_a_session_are_named_once_each() -> None:
    with unit_of_work():
        person = add_person()
        event = add_authentication(person)
        GRANTS.open(a_grant(person, event))
        GRANTS.open(a_grant(person, event))
        GRANTS.open(a_grant(person, event, client_id="other", sid="sid-2"))
        GRANTS.open(a_grant(person, event, client_id="third", session_id="t" * 32))
        GRANTS.open(a_grant(person, event, client_id="fourth", sid=None))

        assert GRANTS.clients_of_session("s" * 32) == [
            ("minasidor", "sid-1", person.id),
            ("other", "sid-2", person.id),
        ]


def test_hot_verbs_keep_to_their_statements(statements: Statements) -> None:
    with unit_of_work():
        person = add_person()
        grant = a_grant(person, add_authentication(person))
        spent = {}
        calls: dict[str, Callable[[], object]] = {
            "open": lambda: GRANTS.open(grant),
            "redeem": lambda: GRANTS.redeem_code(grant.id, grant.client_id, LATER, dpop_jkt=None),
            "rotate": lambda: GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER),
            "reuse": lambda: GRANTS.reuse_refresh(grant.id, grant.client_id, 1, LATER),
            "find_live": lambda: GRANTS.find_live(grant.id, LATER),
            "with_customers": lambda: GRANTS.find_live_with_more(grant.id, LATER, evidence=False),
            "with_evidence": lambda: GRANTS.find_live_with_more(grant.id, LATER, evidence=True),
            "open_pushed": lambda: GRANTS.open(replace(grant, id="a" * 32, pushed_reference_hash="hash")),
        }
        for verb, call in calls.items():
            statements.forget()
            call()
            spent[verb] = statements.count

    twice = {"redeem", "rotate"}
    assert spent == {verb: 2 if verb in twice else 1 for verb in calls}
