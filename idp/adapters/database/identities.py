"""Identities of people: found by the keyed hash of what is stored encrypted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, select

from idp.adapters.database.encryption import FieldCipher, Pepper, PersonCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import identities, person_keys
from idp.adapters.database.upsert import insert_new
from idp.core.ids import new_id
from idp.core.people.identity import Identity


class Identities:
    """Adds and finds identities; a key of a scheme belongs to one person."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper

    def matches(self, identity: Identity) -> ColumnElement[bool]:
        """The condition for its row, by a pepper that is no longer the active one, too."""
        candidates = self._pepper.candidates(purpose(identity.scheme), identity.key)
        return (identities.c.scheme == identity.scheme) & identities.c.key_hash.in_(candidates)

    def row_of(self, identity: Identity) -> ScalarSelect[str]:
        """The id of its row as part of a statement; NULL when nobody has it."""
        return select(identities.c.id).where(self.matches(identity)).scalar_subquery()

    def owner(self, identity: Identity) -> str | None:
        """The id of the person who has it."""
        return connection().execute(select(identities.c.person_id).where(self.matches(identity))).scalar_one_or_none()

    def add(self, person_id: str, cipher: PersonCipher, identity: Identity, now: datetime) -> bool:
        """False when somebody has it. `cipher` is the person's."""
        row_id = new_id(now)
        row = {
            "id": row_id,
            "person_id": person_id,
            "scheme": identity.scheme,
            "key_hash": self._pepper.hash(purpose(identity.scheme), identity.key),
            "key_encrypted": cipher.encrypt_text(place_of_key(row_id), identity.key),
            "added_at": now,
        }
        return insert_new(identities, row, index=["scheme", "key_hash"])

    def first_of(self, person_id: str) -> Identity:
        """Raises LookupError when there is no such person."""
        found = self.all_of(person_id)
        if not found:
            raise LookupError("no such person")
        return found[0]

    def all_of(self, person_id: str) -> Sequence[Identity]:
        """The first that was added first; none when there is no such person."""
        keyed = identities.join(person_keys, identities.c.person_id == person_keys.c.person_id)
        stored = select(identities.c.id, identities.c.scheme, identities.c.key_encrypted)
        of_person = stored.add_columns(person_keys.c.key_encrypted.label("wrapped")).select_from(keyed)
        of_person = of_person.where(identities.c.person_id == person_id)
        rows = connection().execute(of_person.order_by(identities.c.added_at, identities.c.id)).all()
        if not rows:
            return ()
        own = self._cipher.of_person(person_id, rows[0].wrapped)
        return [
            Identity(scheme=row.scheme, key=own.decrypt_text(place_of_key(row.id), row.key_encrypted)) for row in rows
        ]


def place_of_key(row_id: str) -> str:
    """Where an encrypted key lies."""
    return f"identities.key.{row_id}"


def purpose(scheme: str) -> str:
    """What the keys of a scheme are hashed for."""
    return f"identities.{scheme}"
