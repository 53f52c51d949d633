"""Grants: codes and refresh tokens are used once, and nothing lives that was revoked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.adapters.database.engine import connection, is_sqlite, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.tables import grants, links
from idp.core.oidc.tokens.grant import Grant, LiveGrant
from idp.core.people.identity import Evidence
from idp_tests.adapters.database.grant_stores import NUMBER, InDatabase, InMemory, Store
from idp_tests.adapters.database.seeds import a_grant, add_authentication, add_customer, add_link, add_person, race
from idp_tests.builders import an_identity
from idp_tests.databases import CIPHER, NOW, Statements

GRANTS = DatabaseGrants(CIPHER)
LATER = NOW + timedelta(seconds=5)
PERSONAL_NUMBER = "https://id.oidc.se/scope/naturalPersonNumber"
on_a_database = pytest.mark.usefixtures("database_context")


@pytest.fixture
def store(in_memory: bool) -> Store:
    return InMemory() if in_memory else InDatabase()


def _open(store: Store, **fields: Any) -> Grant:
    person = store.person()
    grant = a_grant(person, store.authentication(person), **fields)
    store.grants.open(grant)
    return grant


def _redeem(store: Store, grant: Grant, **changes: Any) -> LiveGrant | None:
    values: dict[str, Any] = {"client_id": grant.client_id, "now": LATER, "dpop_jkt": None} | changes
    return store.grants.redeem_code(grant.id, **values)


def _redeemed(store: Store, **fields: Any) -> Grant:
    grant = _open(store, **fields)
    assert _redeem(store, grant) is not None
    return grant


def test_a_redeemed_code_gives_the_grant_as_it_was_opened(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)
    grant = a_grant(person, event)
    store.grants.open(grant)

    live = _redeem(store, grant)

    assert live == LiveGrant(
        grant=replace(grant, redeemed_at=LATER),
        person=person,
        authentication=event,
        customer=None,
        read_at=LATER,
        identity=None,
    )


def test_a_grant_that_reads_the_personal_number_comes_with_it(store: Store) -> None:
    person = store.person()
    grant = a_grant(person, store.authentication(person), scope=("openid", PERSONAL_NUMBER))
    store.grants.open(grant)

    live = store.grants.find_live(grant.id, LATER)

    assert live is not None
    assert live.identity == an_identity(NUMBER)


def test_a_pushed_request_is_answered_by_one_grant(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)

    assert store.grants.open(a_grant(person, event, pushed_reference_hash="hash"))
    second = a_grant(person, event, pushed_reference_hash="hash")
    assert not store.grants.open(second)
    assert store.grants.find_live(second.id, LATER) is None
    assert store.grants.open(a_grant(person, event, pushed_reference_hash="other"))


def test_the_grants_of_one_client_are_revoked_and_no_others(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)
    gone, again, other = (a_grant(person, event, client_id=client) for client in ("dcr-one", "dcr-one", "dcr-two"))
    for grant in (gone, again, other):
        store.grants.open(grant)

    assert store.grants.revoke_for_client("dcr-one", LATER, reason="client_deleted") == 2
    assert store.grants.revoke_for_client("dcr-one", LATER, reason="client_deleted") == 0
    assert [store.grants.find_live(grant.id, LATER) is None for grant in (gone, again, other)] == [True, True, False]


def test_a_code_is_redeemed_once(store: Store) -> None:
    grant = _open(store)

    assert _redeem(store, grant) is not None
    assert _redeem(store, grant) is None


@on_a_database
def test_of_fifty_that_redeem_one_code_at_once_exactly_one_succeeds(database_app: Flask) -> None:
    with unit_of_work():
        grant = _open(InDatabase())

    outcomes = race(database_app, lambda: GRANTS.redeem_code(grant.id, grant.client_id, LATER, dpop_jkt=None))

    assert sum(outcome is not None for outcome in outcomes) == 1


@pytest.mark.parametrize("changes", [{"client_id": "other"}, {"now": NOW + timedelta(seconds=60)}])
def test_a_code_of_another_client_or_past_its_time_is_refused_and_not_used_up(
    store: Store, changes: dict[str, Any]
) -> None:
    grant = _open(store)

    assert _redeem(store, grant, **changes) is None
    assert _redeem(store, grant) is not None


def test_a_code_takes_the_key_of_its_first_proof(store: Store) -> None:
    grant = _open(store)

    live = _redeem(store, grant, dpop_jkt="key-1")

    assert live is not None
    assert live.grant.dpop_jkt == "key-1"


@pytest.mark.parametrize("key", [None, "key-2"])
def test_a_code_bound_to_a_key_needs_that_key(store: Store, key: str | None) -> None:
    grant = _open(store, dpop_jkt="key-1")

    assert _redeem(store, grant, dpop_jkt=key) is None
    assert _redeem(store, grant, dpop_jkt="key-1") is not None


def test_a_blocked_person_redeems_nothing(store: Store) -> None:
    grant = _open(store)
    store.block()

    assert _redeem(store, grant) is None


def test_a_replayed_code_revokes_its_grant_for_its_own_client_only(store: Store) -> None:
    grant = _redeemed(store)

    assert not store.grants.revoke_replayed(grant.id, "other", LATER)
    assert store.grants.find_live(grant.id, LATER) is not None
    assert store.grants.revoke_replayed(grant.id, grant.client_id, LATER)
    assert store.grants.find_live(grant.id, LATER) is None
    assert not store.grants.revoke_replayed(grant.id, grant.client_id, LATER)


def test_a_copy_of_a_code_that_hung_while_another_redeemed_it_is_not_a_replay(store: Store) -> None:
    grant = _redeemed(store)

    assert not store.grants.revoke_replayed(grant.id, grant.client_id, LATER - timedelta(seconds=1))
    assert store.grants.find_live(grant.id, LATER) is not None


def test_a_generation_that_is_over_revokes_its_grant_in_its_own_clients_hands_only(store: Store) -> None:
    grant = _redeemed(store)
    client = grant.client_id
    assert store.grants.revoke_reused(grant.id, client, 0, LATER) is None
    store.grants.rotate_refresh(grant.id, client, 0, LATER)
    arrived_before = LATER - timedelta(seconds=1)

    refused = [
        store.grants.revoke_reused(grant.id, client, 1, LATER),
        store.grants.revoke_reused(grant.id, client, 2, LATER),
        store.grants.revoke_reused(grant.id, "other", 0, LATER),
        store.grants.revoke_reused(grant.id, client, 0, arrived_before),
        store.grants.revoke_reused(grant.id, client, 0, grant.expires_at),
    ]

    assert refused == [None] * 5
    assert store.grants.find_live(grant.id, LATER) is not None
    assert store.grants.revoke_reused(grant.id, client, 0, LATER) == grant.person_id
    assert store.grants.find_live(grant.id, LATER) is None
    assert store.grants.revoke_reused(grant.id, client, 0, LATER) is None


def test_a_code_that_was_never_redeemed_is_not_a_replay(store: Store) -> None:
    grant = _open(store)

    assert not store.grants.revoke_replayed(grant.id, grant.client_id, LATER)


def test_a_refresh_moves_to_the_next_generation_once(store: Store) -> None:
    grant = _redeemed(store)

    first = store.grants.rotate_refresh(grant.id, grant.client_id, 0, LATER)
    again = store.grants.rotate_refresh(grant.id, grant.client_id, 0, LATER)

    assert first is not None
    assert (first.grant.generation, first.grant.rotated_at, first.grant.retries) == (1, LATER, 0)
    assert again is None


@on_a_database
def test_of_fifty_that_rotate_one_refresh_token_at_once_exactly_one_succeeds(database_app: Flask) -> None:
    with unit_of_work():
        grant = _redeemed(InDatabase())

    outcomes = race(database_app, lambda: GRANTS.rotate_refresh(grant.id, grant.client_id, 0, LATER))

    assert sum(outcome is not None for outcome in outcomes) == 1


def test_refresh_needs_a_redeemed_unrevoked_grant_of_the_client_in_its_time(store: Store) -> None:
    unredeemed = _open(store)
    assert store.grants.rotate_refresh(unredeemed.id, unredeemed.client_id, 0, LATER) is None
    _redeem(store, unredeemed)
    assert store.grants.rotate_refresh(unredeemed.id, "other", 0, LATER) is None
    assert store.grants.rotate_refresh(unredeemed.id, unredeemed.client_id, 0, NOW + timedelta(hours=8)) is None
    store.grants.give_back(unredeemed.id, unredeemed.client_id, LATER, reason="test")
    assert store.grants.rotate_refresh(unredeemed.id, unredeemed.client_id, 0, LATER) is None


def test_a_grant_without_refresh_is_not_refreshed(store: Store) -> None:
    grant = _redeemed(store, refresh_expires_at=None)

    assert store.grants.rotate_refresh(grant.id, grant.client_id, 0, LATER) is None
    assert store.grants.reuse_refresh(grant.id, grant.client_id, 0, LATER) is None


def test_the_immediate_predecessor_is_repeated_so_often_and_so_long(store: Store) -> None:
    grant = _redeemed(store)

    def repeat(generation: int = 0, after: int = 10) -> LiveGrant | None:
        at = LATER + timedelta(seconds=after)
        return store.grants.repeat_refresh(
            grant.id, grant.client_id, generation, at, grace=timedelta(seconds=30), most=2
        )

    assert repeat() is None
    store.grants.rotate_refresh(grant.id, grant.client_id, 0, LATER)
    assert repeat(after=30) is None
    first = repeat()
    assert first is not None
    assert (first.grant.generation, first.grant.retries) == (1, 1)
    assert repeat() is not None
    assert repeat() is None
    store.grants.rotate_refresh(grant.id, grant.client_id, 1, LATER)
    assert repeat(generation=0) is None
    counted_again = repeat(generation=1)
    assert counted_again is not None
    assert (counted_again.grant.generation, counted_again.grant.retries) == (2, 1)


def test_an_unrotated_refresh_token_is_read_again_and_again(store: Store) -> None:
    grant = _redeemed(store)

    for _ in range(3):
        assert store.grants.reuse_refresh(grant.id, grant.client_id, 0, LATER) is not None
    assert store.grants.reuse_refresh(grant.id, grant.client_id, 1, LATER) is None
    assert store.grants.reuse_refresh(grant.id, "other", 0, LATER) is None


def test_the_active_customer_is_there_as_long_as_the_link_stands(store: Store) -> None:
    person = store.person()
    customer_id = store.link(person)
    grant = a_grant(person, store.authentication(person), customer_id=customer_id)
    store.grants.open(grant)

    live = store.grants.find_live(grant.id, LATER)
    assert live is not None
    assert live.customer is not None
    assert live.customer.organisation_number.digits == "5560160680"
    assert live.person.links == ()
    store.end_links()
    after = store.grants.find_live(grant.id, LATER)
    assert after is not None
    assert after.customer is None


def test_evidence_comes_when_asked_for(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)
    kept = Evidence(kind="signature", parts={"signature": "c2ln"})
    store.prove(event, kept)
    grant = a_grant(person, event)
    store.grants.open(grant)

    asked, unasked = (store.grants.find_live_with_more(grant.id, LATER, evidence=wanted) for wanted in (True, False))

    assert asked is not None
    assert asked.evidence == kept
    assert unasked is not None
    assert unasked.evidence is None


@on_a_database
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


def test_the_active_customer_comes_among_all_of_them(store: Store) -> None:
    person = store.person()
    store.link(person)
    second = store.link(person, "234567", "5560360793")
    event = store.authentication(person)
    active, none = a_grant(person, event, customer_id=second), a_grant(person, event)
    store.grants.open(active)
    store.grants.open(none)

    live, without = (store.grants.find_live_with_more(grant.id, LATER, evidence=False) for grant in (active, none))
    store.end_links()
    ended = store.grants.find_live_with_more(active.id, LATER, evidence=False)
    gone = store.grants.find_live_with_more("0" * 32, LATER, evidence=True)

    assert live is not None
    assert live.customer is not None
    assert (str(live.customer.number), len(live.person.links)) == ("234567", 2)
    assert without is not None
    assert (without.customer, len(without.person.links)) == (None, 2)
    assert ended is not None
    assert (ended.customer, ended.person.links) == (None, ())
    assert gone is None


def test_a_grant_lives_until_it_expires_or_is_revoked_or_its_person_blocked(store: Store) -> None:
    grant = _redeemed(store)

    assert store.grants.find_live(grant.id, grant.expires_at) is None
    assert store.grants.find_live(grant.id, LATER) is not None
    store.block()
    assert store.grants.find_live(grant.id, LATER) is None
    store.block(None)
    assert store.grants.give_back(grant.id, grant.client_id, LATER, reason="asked")
    assert store.grants.find_live(grant.id, LATER) is None


def test_a_grant_is_given_back_once_by_its_own_client_while_it_lives(store: Store) -> None:
    grant = _redeemed(store)

    assert store.grants.client_of(grant.id, LATER) == grant.client_id
    assert store.grants.client_of(grant.id, grant.expires_at) is None
    assert store.grants.give_back(grant.id, "other", LATER, reason="asked") is None
    assert store.grants.give_back(grant.id, grant.client_id, grant.expires_at, reason="asked") is None
    assert store.grants.give_back(grant.id, grant.client_id, LATER, reason="asked") == grant.person_id
    assert store.grants.give_back(grant.id, grant.client_id, LATER, reason="asked again") is None
    assert store.grants.client_of(grant.id, LATER) is None


def test_the_end_of_a_session_leaves_offline_grants_alone(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)
    bound, offline = a_grant(person, event), a_grant(person, event, offline=True)
    store.grants.open(bound)
    store.grants.open(offline)
    assert store.grants.revoke_for_session("s" * 32, LATER, reason="logout") == 1
    assert store.grants.find_live(bound.id, LATER) is None
    assert store.grants.find_live(offline.id, LATER) is not None


@on_a_database
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


@on_a_database
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


def test_the_clients_of_a_session_are_named_once_each(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)
    store.grants.open(a_grant(person, event))
    store.grants.open(a_grant(person, event))
    store.grants.open(a_grant(person, event, client_id="other", sid="sid-2"))
    store.grants.open(a_grant(person, event, client_id="third", session_id="t" * 32))
    store.grants.open(a_grant(person, event, client_id="fourth", sid=None))

    assert store.grants.clients_of_session("s" * 32) == [
        ("minasidor", "sid-1", person.id),
        ("other", "sid-2", person.id),
    ]


def test_the_clients_that_still_act_for_a_person_are_those_whose_grants_stand(store: Store) -> None:
    person = store.person()
    event = store.authentication(person)
    store.grants.open(a_grant(person, event))
    store.grants.open(a_grant(person, event, client_id="app", sid="sid-2", session_id=None))
    store.grants.open(a_grant(person, event, client_id="over", sid="sid-3", expires_at=NOW))
    ended = a_grant(person, event, client_id="ended", sid="sid-4")
    store.grants.open(ended)
    store.grants.give_back(ended.id, ended.client_id, NOW, reason="test")

    assert store.grants.clients_still_acting_for(person.id, LATER) == [("app", "sid-2"), ("minasidor", "sid-1")]
    assert store.grants.clients_still_acting_for("another", LATER) == []


@on_a_database
def test_hot_verbs_keep_to_their_statements(statements: Statements) -> None:
    """Where an update may stand in a WITH, it brings along what is joined to its row."""
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

    twice = {"redeem", "rotate"} if is_sqlite() else set()
    assert spent == {verb: 2 if verb in twice else 1 for verb in calls}
