"""What hangs on which version of a secret is told by the rows themselves."""

from datetime import timedelta

import pytest

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.grants import DatabaseGrants
from idp.adapters.database.secret_use import REHASHED, DatabaseSecretUse, columns_of, place
from idp.core.budgets import Budget
from idp.core.events import SessionEnded
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp.core.oidc.keys.rotation import Held, Remedy
from idp.core.personal_data.classification import Kind
from idp_tests.adapters.database.seeds import a_grant, add_authentication, add_customer, add_person
from idp_tests.databases import AUDIT_KEYS, CIPHER, NOW, a_pepper

pytestmark = pytest.mark.usefixtures("database_context")

USE = DatabaseSecretUse()
ONE = [SecretKey(version=1, value=bytes(32), made_at=NOW - timedelta(days=9))]


def held(name: str, versions: list[SecretKey] | None = None) -> dict[int, dict[str, Held]]:
    with unit_of_work():
        found = USE.held(name, versions or ONE, NOW)
    return {version: {each.place: each for each in all_of} for version, all_of in found.items()}


def test_an_empty_database_holds_nothing() -> None:
    assert [held(name) for name in ("fields", "pepper", "audit", "tokens")] == [{}, {}, {}, {}]


def test_fields_are_counted_by_version_and_those_of_a_person_by_the_persons_key() -> None:
    with unit_of_work():
        add_person(email="anna@example.se")
        add_customer()
    assert {where: each.rows for where, each in held("fields")[1].items()} == {
        "person_keys.key_encrypted": 1,
        "customers.organisation_number_encrypted": 1,
        "customers.contact_encrypted": 1,
    }


def test_counters_are_held_until_their_windows_end() -> None:
    pepper = a_pepper({3: bytes(32)})
    with unit_of_work():
        add_person()
        DatabaseBudgets(pepper).charge({"a": Budget(limit=5, window=timedelta(days=365))}, NOW)
        DatabaseBudgets(pepper).charge({"b": Budget(limit=5, window=timedelta(hours=1))}, NOW - timedelta(hours=2))
    found = held("pepper")
    assert found[1]["identities.key_hash"].remedy is Remedy.REENCRYPT
    year = NOW + timedelta(days=365)
    assert found[3] == {"budgets.key_hash": Held(place="budgets.key_hash", rows=1, remedy=Remedy.WAIT, until=year)}


def test_marks_of_the_audit_log_stay_as_long_as_it_does() -> None:
    with unit_of_work():
        DatabaseAudit(AUDIT_KEYS).record(SessionEnded(person_id="p" * 32, session_id="s", reason="logout"), NOW)
    assert held("audit") == {1: {"audit.mark_hash": Held(place="audit.mark_hash", rows=1, remedy=Remedy.STAYS)}}


def test_a_login_may_hold_tokens_of_every_version_since_it_began() -> None:
    two = [SecretKey(version=2, value=bytes(32), used_from=NOW + timedelta(hours=1)), *ONE]
    three = [SecretKey(version=3, value=bytes(32), used_from=NOW - timedelta(hours=1)), *ONE]
    with unit_of_work():
        person = add_person()
        DatabaseGrants(CIPHER).open(a_grant(person, add_authentication(person)))
    assert {version: each["grants"].rows for version, each in held("tokens", two).items()} == {2: 1, 1: 1}
    assert {version: each["grants"].rows for version, each in held("tokens", three).items()} == {3: 1}


def test_every_hash_that_is_made_again_is_a_keyed_one() -> None:
    assert {place(column) for column in columns_of(Kind.KEYED_HASH)} >= REHASHED
