"""Accounts: person, identity and contact in one transaction, the same again when it is repeated."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from idp.adapters.database.authentications import Authentications
from idp.adapters.database.encryption import FieldCipher, Pepper, PersonCipher
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.identities import Identities
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.profiles import write_profile
from idp.adapters.database.tables import people
from idp.core.accounts.ports import NewAccount
from idp.core.overtaken import Overtaken
from idp.core.people.contact import Contact
from idp.core.people.identity import Identity
from idp.core.people.person import Profile

EMAIL = "people.email"
PHONE = "people.phone"


class Accounts:
    """Makes and completes accounts."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._keys = PersonKeys(cipher)
        self._pepper = pepper
        self._identities = Identities(cipher, pepper)
        self._authentications = Authentications(cipher, self._identities)

    def register(self, registration: NewAccount, now: datetime) -> bool:
        """Contact details that are there already stay."""
        make_durable()
        person_id, newcomer = registration.person_id, registration.newcomer
        if newcomer is not None and self._identities.owner(newcomer.identity) != person_id:
            self.create(person_id, newcomer.identity, newcomer.profile, now)
        is_new = self._complete(person_id, registration.contact, now)
        self._authentications.claim(
            registration.authentication_id, person_id, newcomer.identity if newcomer is not None else None
        )
        return is_new

    def create(self, person_id: str, identity: Identity, profile: Profile, now: datetime) -> None:
        """Make an account without contact details. Raises Overtaken, with nothing written, when somebody has the identity."""
        wrapped = self._cipher.make_person_key(person_id)
        own = self._cipher.of_person(person_id, wrapped)
        if not self._identities.add(person_id, own, identity, now):
            raise Overtaken
        row = {
            "id": person_id,
            "sub": secrets.token_urlsafe(24),
            "profile_encrypted": encrypt_profile(own, person_id, profile),
            "created_at": now,
        }
        connection().execute(insert(people).values(row))
        self._keys.keep(person_id, wrapped)

    def _complete(self, person_id: str, contact: Contact, now: datetime) -> bool:
        """Raises Overtaken when the person was erased."""
        facts = {"name": contact.name, "phone": contact.phone.e164, "email": contact.email.address}
        values: dict[str, Any] = {
            "contact_encrypted": self._keys.hold(person_id).encrypt_json(f"people.contact.{person_id}", facts),
            "email_hash": self._pepper.hash(EMAIL, contact.email.compare),
            "phone_hash": self._pepper.hash(PHONE, contact.phone.e164),
            "registered_at": now,
        }
        incomplete = update(people).where(people.c.id == person_id, people.c.registered_at.is_(None))
        return connection().execute(incomplete.values(values)).rowcount == 1


def encrypt_profile(cipher: PersonCipher, person_id: str, profile: Profile) -> bytes:
    """A profile as it is stored."""
    return cipher.encrypt_json(f"people.profile.{person_id}", write_profile(profile))
