"""Extracts: every row about one person, with the columns that the inventory calls telling, decrypted."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, or_, select

from idp.adapters.database.approvals import ASKER
from idp.adapters.database.customer_register import ORGANISATION_NUMBER
from idp.adapters.database.encryption import Cipher, FieldCipher, FieldUnreadable, Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.identities import Identities
from idp.adapters.database.invitations import TAKER
from idp.adapters.database.linking_tables import approvals, invitations
from idp.adapters.database.mentions import place_of, rows_that_say
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.tables import (
    audit,
    bankid_orders,
    customer_numbers,
    customers,
    evidence,
    grants,
    interactions,
    metadata,
    outbox,
    people,
    pushed_requests,
)
from idp.core.accounts.export_person import Rows
from idp.core.evidence.seal import content_of
from idp.core.linking.limits import person_key
from idp.core.people.person import Person
from idp.core.personal_data.classification import Kind
from idp.core.personal_data.inventory import INVENTORY

TELLING: Final = {Kind.PSEUDONYM, Kind.FACT, Kind.PLAIN, Kind.PERSON_KEY, Kind.ENCRYPTED}
"""What a person is told; a hash or a secret says nothing to anybody, and would open something for whoever finds the paper."""
_BY_PERSON_ID: Final = [
    table for table in metadata.sorted_tables if "person_id" in table.c and table.name != "person_keys"
]
_STAFF: Final = {"operator"}
"""Who of the operator's people did something is about them (C-579/21); it stays in the audit log."""


@dataclass(frozen=True, slots=True)
class _Opener:
    """Reads a field by whichever key it names."""

    common: FieldCipher
    own: Cipher

    def read(self, column: Column[Any], row_id: str, field: bytes) -> object:
        cipher = self.own if field[:1] == b"\x00" else self.common
        try:
            text = cipher.decrypt_text(place_of(column, row_id), field)
        except FieldUnreadable:
            return None
        if column is evidence.c.sealed_encrypted:
            return json.loads(content_of(text))
        return json.loads(text) if text[:1] in {"{", "["} else text


class DatabaseExtracts:
    """The port `Extracts`."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper
        self._identities = Identities(cipher, pepper)
        self._keys = PersonKeys(cipher)

    def of(self, person: Person) -> Mapping[str, Rows]:
        """Raises Overtaken when the person was erased meanwhile."""
        opener = _Opener(self._cipher, self._keys.hold(person.id))
        return {
            table.name: [
                _told(table, row, opener) for row in connection().execute(select(table).where(about)).mappings()
            ]
            for table, about in self._about(person)
        }

    def _about(self, person: Person) -> Iterator[tuple[Table, ColumnElement[bool]]]:
        """Which rows of each table are about the person."""
        known_by = self._identities.all_of(person.id)
        yield people, people.c.id == person.id
        for table in _BY_PERSON_ID:
            yield table, table.c.person_id == person.id
        ongoing = select(interactions.c.id).where(interactions.c.person_id == person.id)
        yield bankid_orders, bankid_orders.c.identification_id.in_(ongoing)
        answered = select(grants.c.pushed_reference_hash).where(grants.c.person_id == person.id)
        yield pushed_requests, pushed_requests.c.reference_hash.in_(answered)
        firms = [number.digits for each in known_by if (number := each.sole_traders_number) is not None]
        hashes = [found for number in firms for found in self._pepper.candidates(ORGANISATION_NUMBER, number)]
        own_firm = customers.c.organisation_number_hash.in_(hashes)
        yield customers, own_firm
        yield customer_numbers, customer_numbers.c.customer_id.in_(select(customers.c.id).where(own_firm))
        keys = [person_key(each) for each in known_by]
        asked = [found for key in keys for found in self._pepper.candidates(ASKER, key)]
        yield approvals, approvals.c.asker_hash.in_(asked)
        taken = [found for key in keys for found in self._pepper.candidates(TAKER, key)]
        yield invitations, or_(invitations.c.invited_by == person.id, invitations.c.taken_by_hash.in_(taken))
        yield outbox, self._messages(person, [each.key for each in known_by])

    def _messages(self, person: Person, numbers: Sequence[str]) -> ColumnElement[bool]:
        contact = person.contact
        reached_at = [] if contact is None else [contact.email.address, contact.phone.e164]
        named = rows_that_say(self._cipher, outbox.c.payload_encrypted, [*numbers, *reached_at])
        return or_(outbox.c.key.contains(person.id, autoescape=True), outbox.c.id.in_(named))


def _told(table: Table, row: Mapping[Any, Any], opener: _Opener) -> Mapping[str, Any]:
    """What the row says, by column, as JSON has it."""
    [*_, key] = [str(row[column.name]) for column in table.primary_key]
    return {
        column.name: _plain(
            column, opener.read(column, key, row[column.name]) if _is_sealed(column, row) else row[column.name]
        )
        for column in metadata.tables[table.name].columns
        if INVENTORY[table.name, column.name].kind in TELLING
    }


def _is_sealed(column: Column[Any], row: Mapping[Any, Any]) -> bool:
    return column.name.endswith("_encrypted") and bool(row[column.name])


def _plain(column: Column[Any], value: object) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
        case bytes():
            return None
        case str() if column is audit.c.facts:
            return {name: told for name, told in json.loads(value).items() if name not in _STAFF}
        case _:
            return value
