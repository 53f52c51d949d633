"""Persons with an account, found by the keyed hash of what is stored encrypted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update

from idp.adapters.database.accounts import EMAIL, PHONE, Accounts, encrypt_profile
from idp.adapters.database.authentications import Authentications
from idp.adapters.database.decoding import PERSON_COLUMNS, cipher_of, customers_of, person
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.identities import Identities
from idp.adapters.database.person_keys import PEOPLE_WITH_KEYS, PersonKeys
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.tables import identities, links, people
from idp.core.accounts.ports import NewAccount
from idp.core.identification.assertion import Assertion
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.contact import Email, Phone
from idp.core.people.identity import Identity
from idp.core.people.person import Person, Profile

MOST_FOUND = 50

_PERSONS = select(*PERSON_COLUMNS).select_from(PEOPLE_WITH_KEYS)
_BY_ID = Prepared(_PERSONS.where(people.c.id == bindparam("person_id")), gives=PERSON_COLUMNS)


class DatabasePeople:
    """The ports `People`, and what support needs."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._keys = PersonKeys(cipher)
        self._pepper = pepper
        self._identities = Identities(cipher, pepper)
        self._authentications = Authentications(cipher, self._identities)
        self._accounts = Accounts(cipher, pepper)

    def find(self, person_id: str) -> Person | None:
        row = _BY_ID.one({"person_id": person_id})
        return None if row is None else self._person(row)

    def find_by_identity(self, identity: Identity) -> Person | None:
        by_identity = _PERSONS.join(identities, identities.c.person_id == people.c.id)
        statement = by_identity.where(self._identities.matches(identity))
        row = connection().execute(statement).mappings().one_or_none()
        return None if row is None else self._person(row)

    def identity_of(self, person_id: str) -> Identity:
        """Raises LookupError when there is no such person."""
        return self._identities.first_of(person_id)

    def create(self, person_id: str, assertion: Assertion, now: datetime) -> Person:
        self._accounts.create(person_id, assertion.identity, assertion.profile, now)
        return self._get(person_id)

    def refresh(self, person_id: str, profile: Profile) -> Person:
        """Raises Overtaken when the person was erased meanwhile."""
        encrypted = encrypt_profile(self._keys.hold(person_id), person_id, profile)
        connection().execute(update(people).where(people.c.id == person_id).values(profile_encrypted=encrypted))
        return self._get(person_id)

    def record_authentication(self, authentication: Authentication, assertion: Assertion) -> None:
        self._authentications.record(authentication, assertion)

    def register(self, registration: NewAccount, now: datetime) -> bool:
        return self._accounts.register(registration, now)

    def confirm_email(self, person_id: str, address: str, now: datetime) -> bool:
        """Note that the person can read the present address; False when it is another by now."""
        same = people.c.email_hash.in_(self._pepper.candidates(EMAIL, Email(address).compare))
        statement = update(people).where(people.c.id == person_id, same, people.c.email_confirmed_at.is_(None))
        return connection().execute(statement.values(email_confirmed_at=now)).rowcount == 1

    def search(self, text: str) -> Sequence[Person]:
        """Persons by id, sub, e-mail address, telephone number or customer number; at most MOST_FOUND."""
        by_number = select(links.c.person_id).where(links.c.number == text, links.c.ended_at.is_(None))
        conditions: list[ColumnElement[bool]] = [people.c.id == text, people.c.sub == text, people.c.id.in_(by_number)]
        conditions.append(people.c.email_hash.in_(self._pepper.candidates(EMAIL, Email(text).compare)))
        if phone := _phone(text):
            conditions.append(people.c.phone_hash.in_(self._pepper.candidates(PHONE, phone.e164)))
        statement = _PERSONS.where(or_(*conditions)).order_by(people.c.id).limit(MOST_FOUND)
        return [self._person(row) for row in connection().execute(statement).mappings().all()]

    def block(self, person_id: str, now: datetime, *, reason: str) -> bool:
        statement = update(people).where(people.c.id == person_id, people.c.blocked_at.is_(None))
        return connection().execute(statement.values(blocked_at=now, block_reason=reason)).rowcount == 1

    def unblock(self, person_id: str) -> bool:
        statement = update(people).where(people.c.id == person_id, people.c.blocked_at.is_not(None))
        return connection().execute(statement.values(blocked_at=None, block_reason=None)).rowcount == 1

    def _get(self, person_id: str) -> Person:
        found = self.find(person_id)
        if found is None:
            raise LookupError("no such person")
        return found

    def _person(self, row: Mapping[Any, Any]) -> Person:
        return person(row, cipher_of(row, self._cipher), customers_of(self._cipher, row["people_id"]))


def _phone(text: str) -> Phone | None:
    try:
        return Phone.parse(text)
    except ValueError:
        return None
