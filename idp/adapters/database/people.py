"""Persons with an account, found by the keyed hash of what is stored encrypted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update

from idp.adapters.database.decoding import PERSON_COLUMNS, customers_of, person
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.registration import EMAIL, PERSONAL_NUMBER, PHONE, Accounts
from idp.adapters.database.tables import authentications, links, people
from idp.adapters.database.tables import evidence as evidence_table
from idp.core.identification.assertion import Assertion
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.tokens.grant import new_id
from idp.core.people.contact import Email, Phone
from idp.core.people.person import Person
from idp.core.signin.ports import Registration

EVIDENCE_KEPT = timedelta(days=90)
"""Of a login; that of a registration is kept as long as the account."""
MOST_FOUND = 50

_BY_ID = Prepared(select(*PERSON_COLUMNS).where(people.c.id == bindparam("person_id")), gives=PERSON_COLUMNS)


class DatabasePeople:
    """The ports `People`, and what support needs."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper
        self._accounts = Accounts(cipher, pepper)

    def find(self, person_id: str) -> Person | None:
        row = _BY_ID.one({"person_id": person_id})
        return None if row is None else self._person(row)

    def find_by_personal_number(self, personal_number: str) -> Person | None:
        candidates = self._pepper.candidates(PERSONAL_NUMBER, personal_number)
        statement = select(*PERSON_COLUMNS).where(people.c.personal_number_hash.in_(candidates))
        row = connection().execute(statement).mappings().first()
        return None if row is None else self._person(row)

    def personal_number(self, person_id: str) -> str:
        """Raises LookupError when there is no such person."""
        statement = select(people.c.personal_number_sealed).where(people.c.id == person_id)
        sealed = connection().execute(statement).scalar_one_or_none()
        if sealed is None:
            raise LookupError("no such person")
        return self._cipher.open_text(f"people.personal_number.{person_id}", sealed)

    def recognise(self, assertion: Assertion, now: datetime, *, create: bool) -> Person | None:
        """Written only when the name is spelt in another way than before."""
        personal_number, names = assertion.personal_number, (assertion.name, assertion.given_name, assertion.surname)
        known = self.find_by_personal_number(personal_number)
        if known is None:
            return self.find(self._accounts.create(new_id(now), personal_number, *names, now)) if create else None
        if (known.name, known.given_name, known.surname) == names:
            return known
        profile = self._accounts.seal_profile(known.id, personal_number, *names)
        connection().execute(update(people).where(people.c.id == known.id).values(profile_sealed=profile))
        return self.find(known.id)

    def record_authentication(self, authentication: Authentication, evidence: Mapping[str, str], order_id: str) -> None:
        event_id = authentication.id
        row = {
            "id": event_id,
            "person_id": authentication.person_id or None,
            "at": authentication.at,
            "acr": authentication.acr,
            "amr": authentication.amr,
            "txn": authentication.txn,
            "device_ip_sealed": self._cipher.seal_text(
                f"authentications.device_ip.{event_id}", authentication.device_ip
            ),
            "credential_valid_from": authentication.credential_valid_from,
            "credential_valid_to": authentication.credential_valid_to,
        }
        connection().execute(insert(authentications), row)
        kept = {
            "authentication_id": event_id,
            "order_id": order_id,
            "bankid_sealed": self._cipher.seal_json(f"evidence.bankid.{event_id}", dict(evidence)),
            "recorded_at": authentication.at,
            "expires_at": authentication.at + EVIDENCE_KEPT,
        }
        connection().execute(insert(evidence_table), kept)

    def register(self, registration: Registration, now: datetime) -> None:
        self._accounts.register(registration, now)

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
        statement = select(*PERSON_COLUMNS).where(or_(*conditions)).order_by(people.c.id).limit(MOST_FOUND)
        return [self._person(row) for row in connection().execute(statement).mappings().all()]

    def block(self, person_id: str, now: datetime, *, reason: str) -> bool:
        statement = update(people).where(people.c.id == person_id, people.c.blocked_at.is_(None))
        return connection().execute(statement.values(blocked_at=now, block_reason=reason)).rowcount == 1

    def unblock(self, person_id: str) -> bool:
        statement = update(people).where(people.c.id == person_id, people.c.blocked_at.is_not(None))
        return connection().execute(statement.values(blocked_at=None, block_reason=None)).rowcount == 1

    def _person(self, row: Mapping[Any, Any]) -> Person:
        return person(row, self._cipher, customers_of(self._cipher, row["people_id"]))


def _phone(text: str) -> Phone | None:
    try:
        return Phone.parse(text)
    except ValueError:
        return None
