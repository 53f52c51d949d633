"""Inventory: every column is described, and described as its name and type say."""

import pytest
from sqlalchemy import Column, LargeBinary

from idp.adapters.database.columns import UtcTime
from idp.adapters.database.tables import metadata
from idp.core.personal_data.classification import Datum, Erasure, Kind, Whose
from idp.core.personal_data.inventory import INVENTORY
from idp_tests.cases import each

STORED = {(table.name, column.name): column for table in metadata.sorted_tables for column in table.columns}
SEALED = {Kind.PERSON_KEY, Kind.ENCRYPTED, Kind.SECRET}
HASHED = {Kind.KEYED_HASH, Kind.SECRET_HASH}
PERSONS = {"people", "identities", "person_keys", "authentications", "customers"}
"""Tables whose ids are pseudonyms of people."""


def _is_pseudonym(column: Column[object]) -> bool:
    return any(key.column.table.name in PERSONS for key in column.foreign_keys) or column.name in {
        "person_id", "customer_id", "authentication_id", "session_id", "identity_id",
    }  # fmt: skip


def test_every_column_is_described_and_nothing_else() -> None:
    new, gone = STORED.keys() - INVENTORY.keys(), INVENTORY.keys() - STORED.keys()
    assert not new, f"describe in idp/core/personal_data: {sorted('.'.join(place) for place in new)}"
    assert not gone, f"described, but no column any more: {sorted('.'.join(place) for place in gone)}"


@each("place", list(STORED))
def test_a_column_is_described_as_its_name_and_type_say(place: tuple[str, str]) -> None:
    stored, described = STORED[place], INVENTORY[place]
    assert (described.kind in SEALED) == stored.name.endswith("_encrypted")
    assert (described.kind in HASHED) == stored.name.endswith("_hash")
    if _is_pseudonym(stored):
        assert described.kind is Kind.PSEUDONYM
    if isinstance(stored.type, UtcTime):
        assert described.kind in {Kind.FACT, Kind.NONE}
    if isinstance(stored.type, LargeBinary):
        assert described.kind in SEALED | HASHED


@each("place", [place for place, column in INVENTORY.items() if column.kind.is_personal])
def test_what_is_personal_says_what_it_is(place: tuple[str, str]) -> None:
    assert INVENTORY[place].data
    assert INVENTORY[place].whose in {Whose.PERSON, Whose.VISITOR, Whose.CUSTOMER}


@each("place", [place for place, column in INVENTORY.items() if column.kind is Kind.PERSON_KEY])
def test_what_lies_under_a_persons_key_is_shredded_with_it(place: tuple[str, str]) -> None:
    assert INVENTORY[place].erasure is Erasure.SHREDDED


@each("place", [place for place, column in INVENTORY.items() if column.erasure is Erasure.SHREDDED])
def test_nothing_else_is_said_to_be_shredded(place: tuple[str, str]) -> None:
    assert INVENTORY[place].kind is Kind.PERSON_KEY


def test_nothing_that_names_a_person_stays_where_an_erasure_looks() -> None:
    naming = {Datum.NAME, Datum.EMAIL, Datum.PHONE, Datum.ADDRESS, Datum.BIRTHDATE, Datum.PERSONAL_NUMBER}
    staying = {
        f"{column.table}.{column.name}"
        for column in INVENTORY.values()
        if naming & set(column.data) and column.erasure in {Erasure.STAYS, Erasure.NOT_CONCERNED}
    }
    assert staying == set()


@pytest.mark.parametrize(
    "table", ["people", "identities", "authentications", "links", "consents", "grants", "sessions"]
)
def test_what_names_a_person_by_id_is_about_a_person(table: str) -> None:
    assert {column.whose for column in INVENTORY.values() if column.table == table} == {Whose.PERSON}
