"""Initial access tokens and registered clients in the database: each use counted once, whoever else is at it."""

import dataclasses
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.registered_clients import DatabaseInitialTokens, DatabaseRegisteredClients
from idp.adapters.database.tables import grants, registered_clients
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.registered_client import Admission, Change, RegisteredClient
from idp_tests.adapters.database.seeds import (
    a_grant,
    a_registered_client,
    add_authentication,
    add_person,
    an_initial_token,
    race,
)
from idp_tests.databases import CIPHER, NOW, PEPPER

pytestmark = pytest.mark.usefixtures("database_context")

HASH = "t" * 64
HOUR = timedelta(hours=1)
TOKENS = DatabaseInitialTokens()
CLIENTS = DatabaseRegisteredClients(CIPHER, DatabaseBudgets(PEPPER))


def issue(uses: int | None = 1, **fields: Any) -> None:
    with unit_of_work():
        TOKENS.issue(an_initial_token(uses=uses, **fields), HASH)


def admit(
    client: RegisteredClient | None = None, *, now: datetime = NOW, most: int = 100, per_hour: int = 100
) -> Admission:
    with unit_of_work():
        return CLIENTS.admit(client or a_registered_client(), HASH, per_hour=per_hour, most=most, now=now)


def count() -> int:
    with unit_of_work():
        return len(CLIENTS.all())


def test_what_is_stored_comes_back() -> None:
    issue(security_profile=SecurityProfile.FAPI2)
    client = a_registered_client(
        security_profile=SecurityProfile.FAPI2,
        client_secret_hash="s" * 64,
        client_secret_expires_at=NOW + timedelta(days=30),
    )
    assert admit(client) is Admission.ADMITTED
    with unit_of_work():
        assert CLIENTS.find(client.client_id) == client
        assert CLIENTS.find("dcr-" + "0" * 32) is None
        assert CLIENTS.all() == [client]
        assert TOKENS.all() == [an_initial_token(security_profile=SecurityProfile.FAPI2, used=1)]


def test_a_token_is_found_by_its_hash_while_it_is_usable() -> None:
    issue(uses=2)
    with unit_of_work():
        assert TOKENS.find_usable(HASH, NOW) == an_initial_token(uses=2)
        assert TOKENS.find_usable("x" * 64, NOW) is None
        assert TOKENS.find_usable(HASH, NOW + timedelta(days=7)) is None
        assert TOKENS.revoke("i" * 16, NOW)
        assert not TOKENS.revoke("i" * 16, NOW)
        assert not TOKENS.revoke("nobody", NOW)
        assert TOKENS.find_usable(HASH, NOW) is None


def test_a_token_registers_as_many_as_it_may() -> None:
    issue(uses=2)
    assert [admit() for _ in range(3)] == [Admission.ADMITTED, Admission.ADMITTED, Admission.REFUSED]
    assert count() == 2


@pytest.mark.parametrize("fields", [{"revoked_at": NOW}, {"expires_at": NOW}, {"used": 1}])
def test_a_token_that_is_over_admits_nobody(fields: dict[str, Any]) -> None:
    issue(**fields)
    assert admit() is Admission.REFUSED
    assert count() == 0


def test_there_is_room_for_so_many_clients() -> None:
    issue(uses=None)
    assert [admit(most=2) for _ in range(3)] == [Admission.ADMITTED, Admission.ADMITTED, Admission.FULL]
    with unit_of_work():
        assert TOKENS.all()[0].used == 2


def test_an_hour_has_room_for_so_many_and_the_next_one_again() -> None:
    issue(uses=None)
    assert [admit(per_hour=2) for _ in range(3)] == [Admission.ADMITTED, Admission.ADMITTED, Admission.TOO_FAST]
    assert admit(per_hour=2, now=NOW + HOUR - timedelta(seconds=1)) is Admission.TOO_FAST
    assert admit(per_hour=2, now=NOW + HOUR) is Admission.ADMITTED


def test_one_use_admits_one_of_fifty(database_app: Flask) -> None:
    issue()
    outcomes = Counter(
        race(database_app, lambda: CLIENTS.admit(a_registered_client(), HASH, per_hour=100, most=100, now=NOW))
    )
    assert outcomes == {Admission.ADMITTED: 1, Admission.REFUSED: 49}
    assert count() == 1


def test_the_last_places_go_to_exactly_as_many(database_app: Flask) -> None:
    issue(uses=None)
    outcomes = Counter(
        race(database_app, lambda: CLIENTS.admit(a_registered_client(), HASH, per_hour=100, most=7, now=NOW))
    )
    assert outcomes == {Admission.ADMITTED: 7, Admission.FULL: 43}


def test_of_fifty_changes_of_one_version_one_is_stored(database_app: Flask) -> None:
    issue()
    client = a_registered_client()
    admit(client)
    outcomes = Counter(race(database_app, lambda: CLIENTS.change(client, per_hour=100, now=NOW)))
    assert outcomes == {Change.CHANGED: 1, Change.OVERTAKEN: 49}


def test_a_change_is_stored_and_counted() -> None:
    issue()
    client = a_registered_client()
    admit(client)
    for version in (1, 2, 3):
        changed = dataclasses.replace(client, version=version, metadata={"client_name": str(version)})
        with unit_of_work():
            assert CLIENTS.change(changed, per_hour=2, now=NOW) is (Change.CHANGED if version < 3 else Change.TOO_FAST)
    with unit_of_work():
        stored = CLIENTS.find(client.client_id)
        assert stored is not None
        assert (stored.version, stored.metadata) == (3, {"client_name": "2"})
        later = dataclasses.replace(client, version=3)
        assert CLIENTS.change(later, per_hour=2, now=NOW + HOUR) is Change.CHANGED


def test_a_client_is_removed_once() -> None:
    issue()
    client = a_registered_client()
    admit(client)
    with unit_of_work():
        assert CLIENTS.remove(client.client_id)
        assert not CLIENTS.remove(client.client_id)
        assert CLIENTS.change(client, per_hour=9, now=NOW) is Change.OVERTAKEN


def test_metadata_that_was_moved_to_another_client_makes_it_unknown() -> None:
    """Somebody who writes to the database cannot point a client's logins elsewhere."""
    issue(uses=2)
    honest, evil = (
        a_registered_client(),
        a_registered_client(metadata={"client_name": "Evil", "redirect_uris": ["https://evil.example/cb"]}),
    )
    admit(honest)
    admit(evil)
    with unit_of_work():
        sealed = select(registered_clients.c.metadata_sealed).where(registered_clients.c.client_id == evil.client_id)
        value = connection().execute(sealed).scalar_one()
        moved = update(registered_clients).where(registered_clients.c.client_id == honest.client_id)
        connection().execute(moved.values(metadata_sealed=value))
        assert CLIENTS.find(honest.client_id) is None
        assert CLIENTS.all() == [evil]


def test_the_grants_of_one_client_are_revoked_and_no_others() -> None:
    with unit_of_work():
        person = add_person()
        event = add_authentication(person)
        repository = DatabaseGrants(CIPHER)
        for client_id in ("dcr-one", "dcr-one", "dcr-two"):
            repository.open(a_grant(person, event, client_id=client_id))
        assert repository.revoke_for_client("dcr-one", NOW, reason="client_deleted") == 2
        assert repository.revoke_for_client("dcr-one", NOW, reason="client_deleted") == 0
        standing = select(grants.c.client_id).where(grants.c.revoked_at.is_(None))
        assert connection().execute(standing).scalars().all() == ["dcr-two"]
