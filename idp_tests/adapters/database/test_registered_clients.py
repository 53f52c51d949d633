"""Initial access tokens and registered clients in the database: each use counted once, no matter how many try."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.registered_clients import DatabaseInitialTokens, DatabaseRegisteredClients
from idp.adapters.database.tables import registered_clients
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.registered_client import Admission, Change, RegisteredClient
from idp_tests.adapters.database.seeds import a_registered_client, an_initial_token, race
from idp_tests.databases import CIPHER, NOW, PEPPER
from idp_tests.registrations import FakeInitialTokens, FakeRegisteredClients

on_a_database = pytest.mark.usefixtures("database_context")

HASH = "t" * 64
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Store:
    """Both ports of one implementation."""

    tokens: FakeInitialTokens | DatabaseInitialTokens
    clients: FakeRegisteredClients | DatabaseRegisteredClients

    def issue(self, uses: int | None = 1, **fields: Any) -> None:
        self.tokens.issue(an_initial_token(uses=uses, **fields), HASH)

    def admit(
        self, client: RegisteredClient | None = None, *, now: datetime = NOW, most: int = 100, per_hour: int = 100
    ) -> Admission:
        return self.clients.admit(client or a_registered_client(), HASH, per_hour=per_hour, most=most, now=now)


TOKENS = DatabaseInitialTokens()
CLIENTS = DatabaseRegisteredClients(CIPHER, DatabaseBudgets(PEPPER))
DATABASE = Store(TOKENS, CLIENTS)


@pytest.fixture
def store(in_memory: bool) -> Store:
    tokens = FakeInitialTokens()
    return Store(tokens, FakeRegisteredClients(tokens)) if in_memory else DATABASE


def test_what_is_stored_comes_back(store: Store) -> None:
    store.issue(security_profile=SecurityProfile.FAPI2)
    client = a_registered_client(
        security_profile=SecurityProfile.FAPI2,
        client_secret_hash="s" * 64,
        client_secret_expires_at=NOW + timedelta(days=30),
    )
    assert store.admit(client) is Admission.ADMITTED
    assert store.clients.find(client.client_id) == client
    assert store.clients.find("dcr-" + "0" * 32) is None
    assert store.clients.all() == [client]
    assert store.tokens.all() == [an_initial_token(security_profile=SecurityProfile.FAPI2, used=1)]


def test_a_token_is_found_by_its_hash_while_it_is_usable(store: Store) -> None:
    store.issue(uses=2)
    assert store.tokens.find_usable(HASH, NOW) == an_initial_token(uses=2)
    assert store.tokens.find_usable("x" * 64, NOW) is None
    assert store.tokens.find_usable(HASH, NOW + timedelta(days=7)) is None
    assert store.tokens.revoke("i" * 16, NOW)
    assert not store.tokens.revoke("i" * 16, NOW)
    assert not store.tokens.revoke("nobody", NOW)
    assert store.tokens.find_usable(HASH, NOW) is None


def test_a_token_registers_as_many_as_it_may(store: Store) -> None:
    store.issue(uses=2)
    assert [store.admit() for _ in range(3)] == [Admission.ADMITTED, Admission.ADMITTED, Admission.REFUSED]
    assert len(store.clients.all()) == 2


@pytest.mark.parametrize("fields", [{"revoked_at": NOW}, {"expires_at": NOW}, {"used": 1}])
def test_a_token_that_is_over_admits_nobody(store: Store, fields: dict[str, Any]) -> None:
    store.issue(**fields)
    assert store.admit() is Admission.REFUSED
    assert len(store.clients.all()) == 0


def test_there_is_room_for_so_many_clients(store: Store) -> None:
    store.issue(uses=None)
    assert [store.admit(most=2) for _ in range(3)] == [Admission.ADMITTED, Admission.ADMITTED, Admission.FULL]
    assert store.tokens.all()[0].used == 2


def test_an_hour_has_room_for_so_many_and_the_next_one_again(store: Store) -> None:
    store.issue(uses=None)
    outcomes = [store.admit(per_hour=2) for _ in range(3)]
    assert outcomes == [Admission.ADMITTED, Admission.ADMITTED, Admission.TOO_FAST]
    assert store.tokens.all()[0].used == 2
    assert store.admit(per_hour=2, now=NOW + HOUR - timedelta(seconds=1)) is Admission.TOO_FAST
    assert store.admit(per_hour=2, now=NOW + HOUR) is Admission.ADMITTED


@on_a_database
def test_one_use_admits_one_of_fifty(database_app: Flask) -> None:
    with unit_of_work():
        DATABASE.issue()
    outcomes = Counter(
        race(database_app, lambda: CLIENTS.admit(a_registered_client(), HASH, per_hour=100, most=100, now=NOW))
    )
    assert outcomes == {Admission.ADMITTED: 1, Admission.REFUSED: 49}
    with unit_of_work():
        assert len(CLIENTS.all()) == 1


@on_a_database
def test_the_last_places_go_to_exactly_as_many(database_app: Flask) -> None:
    with unit_of_work():
        DATABASE.issue(uses=None)
    outcomes = Counter(
        race(database_app, lambda: CLIENTS.admit(a_registered_client(), HASH, per_hour=100, most=7, now=NOW))
    )
    assert outcomes == {Admission.ADMITTED: 7, Admission.FULL: 43}


@on_a_database
def test_of_fifty_changes_of_one_version_one_is_stored(database_app: Flask) -> None:
    with unit_of_work():
        DATABASE.issue()
    client = a_registered_client()
    with unit_of_work():
        DATABASE.admit(client)
    outcomes = Counter(race(database_app, lambda: CLIENTS.change(client, per_hour=100, now=NOW)))
    assert outcomes == {Change.CHANGED: 1, Change.OVERTAKEN: 49}


def test_a_change_is_stored_and_counted(store: Store) -> None:
    store.issue()
    client = a_registered_client()
    store.admit(client)
    for version in (1, 2, 3):
        changed = replace(client, version=version, metadata={"client_name": str(version)})
        assert store.clients.change(changed, per_hour=2, now=NOW) is (
            Change.CHANGED if version < 3 else Change.TOO_FAST
        )
    stored = store.clients.find(client.client_id)
    assert stored is not None
    assert (stored.version, stored.metadata) == (3, {"client_name": "2"})
    later = replace(client, version=3)
    assert store.clients.change(later, per_hour=2, now=NOW + HOUR) is Change.CHANGED


def test_a_change_that_was_overtaken_costs_nothing(store: Store) -> None:
    store.issue()
    client = a_registered_client()
    store.admit(client)
    stale = replace(client, version=client.version + 1)
    changes = [store.clients.change(one, per_hour=1, now=NOW) for one in (stale, stale, client, client)]
    assert changes == [Change.OVERTAKEN, Change.OVERTAKEN, Change.CHANGED, Change.TOO_FAST]


def test_tokens_are_listed_the_newest_first(store: Store) -> None:
    for name, age in (("b", 1), ("c", 0), ("a", 1)):
        store.tokens.issue(an_initial_token(id=name * 16, created_at=NOW - age * HOUR), name * 64)
    assert [token.id[0] for token in store.tokens.all()] == ["c", "a", "b"]


def test_a_client_is_removed_once(store: Store) -> None:
    store.issue()
    client = a_registered_client()
    store.admit(client)
    assert store.clients.remove(client.client_id)
    assert not store.clients.remove(client.client_id)
    assert store.clients.change(client, per_hour=9, now=NOW) is Change.OVERTAKEN


@on_a_database
def test_metadata_that_was_moved_to_another_client_makes_it_unknown() -> None:
    """Somebody who writes to the database cannot point a client's logins elsewhere."""
    with unit_of_work():
        DATABASE.issue(uses=2)
    honest, evil = (
        a_registered_client(),
        a_registered_client(metadata={"client_name": "Evil", "redirect_uris": ["https://evil.example/cb"]}),
    )
    with unit_of_work():
        DATABASE.admit(honest)
        DATABASE.admit(evil)
    with unit_of_work():
        encrypted = select(registered_clients.c.metadata_encrypted).where(
            registered_clients.c.client_id == evil.client_id
        )
        value = connection().execute(encrypted).scalar_one()
        moved = update(registered_clients).where(registered_clients.c.client_id == honest.client_id)
        connection().execute(moved.values(metadata_encrypted=value))
        assert CLIENTS.find(honest.client_id) is None
        assert CLIENTS.all() == [evil]
