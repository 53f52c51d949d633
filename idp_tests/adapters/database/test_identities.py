"""Identities: one person has a key of a scheme, found by any pepper and read by nobody without the cipher."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from idp.adapters.database.encryption import PersonCipher
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.identities import Identities
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.tables import identities
from idp.core.people.identity import Identity
from idp_tests.adapters.database.seeds import add_person, race
from idp_tests.builders import an_identity
from idp_tests.databases import CIPHER, NOW, PEPPER, a_pepper

pytestmark = pytest.mark.usefixtures("database_context")

IDENTITIES = Identities(CIPHER, PEPPER)
KEYS = PersonKeys(CIPHER)
ANNA, BO = an_identity("199001010017"), an_identity("197001010018")


def own(person_id: str) -> PersonCipher:
    return KEYS.hold(person_id)


def test_a_key_belongs_to_one_person() -> None:
    with unit_of_work():
        anna, bo = add_person(ANNA.key).id, add_person(BO.key).id
        assert not IDENTITIES.add(bo, own(bo), ANNA, NOW)
        assert (IDENTITIES.owner(ANNA), IDENTITIES.owner(BO)) == (anna, bo)


def test_the_same_key_in_another_scheme_is_another_identity() -> None:
    other = Identity(scheme="no.birth_number", key=ANNA.key)
    with unit_of_work():
        add_person(ANNA.key)
        bo = add_person(BO.key).id
        assert IDENTITIES.owner(other) is None
        assert IDENTITIES.add(bo, own(bo), other, NOW)
        assert IDENTITIES.owner(other) == bo


def test_of_a_persons_identities_the_first_stays_the_first() -> None:
    with unit_of_work():
        anna = add_person(ANNA.key).id
        IDENTITIES.add(anna, own(anna), Identity(scheme="no.birth_number", key="1"), NOW + timedelta(days=1))
        assert IDENTITIES.first_of(anna) == ANNA
        with pytest.raises(LookupError):
            IDENTITIES.first_of("nobody")


def test_an_identity_is_found_by_a_retired_pepper() -> None:
    turned = Identities(CIPHER, a_pepper({1: bytes(range(32, 64)), 2: bytes(32)}))
    with unit_of_work():
        anna = add_person(ANNA.key).id
        assert turned.owner(ANNA) == anna
        assert connection().execute(select(turned.row_of(ANNA))).scalar_one() is not None
        assert connection().execute(select(turned.row_of(BO))).scalar_one() is None


def test_of_fifty_who_claim_a_key_at_once_one_gets_it(database_app: Flask) -> None:
    with unit_of_work():
        anna = add_person(ANNA.key).id

    outcomes = race(database_app, lambda: IDENTITIES.add(anna, own(anna), BO, NOW))

    assert outcomes.count(True) == 1
    with unit_of_work():
        assert len(connection().execute(select(identities)).all()) == 2
