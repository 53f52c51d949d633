"""Registration: person, contact, link and notices in one transaction, the same again when it is repeated."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.links import Links
from idp.adapters.database.outbox import DatabaseOutbox
from idp.adapters.database.tables import authentications, evidence, people
from idp.adapters.database.upsert import insert_new
from idp.core.messages import CONFIRM_EMAIL_KIND
from idp.core.people.contact import Contact
from idp.core.people.personal_number import birthdate_of
from idp.core.signin.overtaken import Overtaken
from idp.core.signin.ports import Registration

"""Payload: to, name, person_id, registered_at."""
PERSONAL_NUMBER = "people.personal_number"
EMAIL = "people.email"
PHONE = "people.phone"


class Accounts:
    """Makes and completes accounts."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper
        self._links = Links(cipher)
        self._outbox = DatabaseOutbox(cipher)

    def register(self, registration: Registration, now: datetime) -> None:
        """Contact details that are there already stay, and nobody is written to twice."""
        make_durable()
        person_id = registration.person_id
        names = (registration.name, registration.given_name, registration.surname)
        if self.create(person_id, registration.personal_number, *names, now) != person_id:
            raise Overtaken
        if self._complete(person_id, registration.contact, now):
            welcome = {
                "to": registration.contact.email.address,
                "name": registration.contact.name,
                "person_id": person_id,
                "registered_at": now.isoformat(),
            }
            self._outbox.put(CONFIRM_EMAIL_KIND, f"{CONFIRM_EMAIL_KIND}:{person_id}", welcome, now)
        _claim_authentication(registration.authentication_id, person_id)
        if registration.customer_id is not None:
            number = registration.customer_number or ""
            self._links.add(person_id, registration.customer_id, number, registration.assurance, now)

    def create(
        self, person_id: str, personal_number: str, name: str, given_name: str, surname: str, now: datetime
    ) -> str:
        """The id of the account with this personal number, made with `person_id` when there is none."""
        known = self.id_of(personal_number)  # also by a pepper that is no longer the active one
        if known is not None:
            return known
        row = {
            "id": person_id,
            "sub": secrets.token_urlsafe(24),
            "personal_number_hash": self._pepper.hash(PERSONAL_NUMBER, personal_number),
            "personal_number_sealed": self._cipher.seal_text(f"people.personal_number.{person_id}", personal_number),
            "profile_sealed": self.seal_profile(person_id, personal_number, name, given_name, surname),
            "created_at": now,
        }
        if insert_new(people, row, index=["personal_number_hash"]):
            return person_id
        rival = self.id_of(personal_number)
        if rival is None:
            raise LookupError("an account was there and is gone")
        return rival

    def id_of(self, personal_number: str) -> str | None:
        candidates = self._pepper.candidates(PERSONAL_NUMBER, personal_number)
        statement = select(people.c.id).where(people.c.personal_number_hash.in_(candidates))
        return connection().execute(statement).scalars().first()

    def seal_profile(self, person_id: str, personal_number: str, name: str, given_name: str, surname: str) -> bytes:
        """What BankID says about a person, and the day of birth that the number says."""
        born = birthdate_of(personal_number[:8])
        facts = {
            "name": name,
            "given_name": given_name,
            "surname": surname,
            "birthdate": born.isoformat() if born else None,
        }
        return self._cipher.seal_json(f"people.profile.{person_id}", facts)

    def _complete(self, person_id: str, contact: Contact, now: datetime) -> bool:
        facts = {"name": contact.name, "phone": contact.phone.e164, "email": contact.email.address}
        values: dict[str, Any] = {
            "contact_sealed": self._cipher.seal_json(f"people.contact.{person_id}", facts),
            "email_hash": self._pepper.hash(EMAIL, contact.email.compare),
            "phone_hash": self._pepper.hash(PHONE, contact.phone.e164),
            "registered_at": now,
        }
        incomplete = update(people).where(people.c.id == person_id, people.c.registered_at.is_(None))
        return connection().execute(incomplete.values(values)).rowcount == 1


def _claim_authentication(authentication_id: str, person_id: str) -> None:
    """The event happened before the account did; its evidence is kept as long as the account."""
    ours = update(authentications).where(
        authentications.c.id == authentication_id, authentications.c.person_id.is_(None)
    )
    connection().execute(ours.values(person_id=person_id))
    of_event = update(evidence).where(evidence.c.authentication_id == authentication_id)
    connection().execute(of_event.values(expires_at=None))
