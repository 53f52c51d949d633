"""Keys of persons: what is personal of one person is encrypted under a key that erasure destroys.

A row is also what a request that writes under the key and an erasure meet at: the one waits for the other.
"""

from sqlalchemy import delete, insert, update

from idp.adapters.database.encryption import FieldCipher, PersonCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import people, person_keys
from idp.core.overtaken import Overtaken

PEOPLE_WITH_KEYS = people.join(person_keys)
"""Everybody whose account stands: an erased person is a row of `people` without a key."""


class PersonKeys:
    """Keeps, holds and destroys keys."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def keep(self, person_id: str, wrapped: bytes) -> None:
        """Store a key that `FieldCipher.make_person_key` made."""
        connection().execute(insert(person_keys).values(person_id=person_id, key_encrypted=wrapped))

    def hold(self, person_id: str) -> PersonCipher:
        """The key to write with: a write that changes nothing keeps an erasure waiting until the commit.

        Raises Overtaken when the person was erased.
        """
        mine = update(person_keys).where(person_keys.c.person_id == person_id)
        unchanged = mine.values(key_encrypted=person_keys.c.key_encrypted).returning(person_keys.c.key_encrypted)
        wrapped: bytes | None = connection().execute(unchanged).scalar_one_or_none()
        if wrapped is None:
            raise Overtaken
        return self._cipher.of_person(person_id, wrapped)

    @staticmethod
    def destroy(person_id: str) -> bool:
        """False when it was destroyed before, or there is no such person."""
        return connection().execute(delete(person_keys).where(person_keys.c.person_id == person_id)).rowcount == 1
