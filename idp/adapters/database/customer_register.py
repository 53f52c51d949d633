"""The customer register as a whole: read to plan an import, and written as the plan says."""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, update

from idp.adapters.database.decoding import organisation_number
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection, make_durable, take_turn
from idp.adapters.database.tables import customer_numbers, customers
from idp.adapters.database.upsert import upsert
from idp.core.customer_register.facts import Facts, NumberState, RegisteredCustomer
from idp.core.customer_register.plan import Change
from idp.core.customer_register.ports import Progress, Snapshot
from idp.core.ids import new_id
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber

ORGANISATION_NUMBER = "customers.organisation_number"
LAST_FOUR = "customers.last_four"
_CHUNK, _PAGE = 500, 2000

_UPDATE = update(customers).where(customers.c.id == bindparam("customer_id"))


@dataclass(frozen=True, slots=True)
class _Encrypted:
    """A customer's encrypted fields, made before the database is locked for an import."""

    customer_id: str
    contact: bytes
    organisation_number: bytes | None
    """None for a customer that is stored already: its number is what it is known by."""


class DatabaseRegister:
    """The port `Register` of the customer register."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper

    def read(self) -> Snapshot:
        """Every customer, a page at a time; a change between two pages makes a version that nothing is saved against."""
        found: list[RegisteredCustomer] = []
        digest = hashlib.sha256()
        after = ""
        page = select(customers).where(customers.c.id > bindparam("after")).order_by(customers.c.id).limit(_PAGE)
        while rows := connection().execute(page, {"after": after}).mappings().all():
            numbers = self._numbers(after, rows[-1]["id"])
            for row in rows:
                found.append(self._customer(row, numbers.get(row["id"], {})))
                digest.update(_stamp(row["id"], row["updated_at"]))
            after = rows[-1]["id"]
        return Snapshot(customers=found, version=digest.hexdigest())

    def save(
        self, changes: Sequence[Change], version: str, now: datetime, progress: Progress = lambda *_: None
    ) -> bool:
        """Encrypt first; then, under a lock and if nobody was faster, write."""
        if not changes:
            return True
        encrypted = self._encrypted(changes, now, progress)
        make_durable()
        take_turn("customer register")
        if _present_version() != version:
            return False
        for at in range(0, len(changes), _CHUNK):
            self._write(changes[at : at + _CHUNK], encrypted[at : at + _CHUNK], now)
        return True

    def _encrypted(self, changes: Sequence[Change], now: datetime, progress: Progress) -> Sequence[_Encrypted]:
        encrypted = []
        for at, change in enumerate(changes):
            encrypted.append(self._encrypt(change.after, now))
            if at % _CHUNK == 0:
                progress(at, len(changes))
        progress(len(changes), len(changes))
        return encrypted

    def _encrypt(self, customer: RegisteredCustomer, now: datetime) -> _Encrypted:
        facts, customer_id = customer.facts, customer.id or new_id(now)
        contact = {
            "email": facts.email.address if facts.email else None,
            "phone": facts.phone.e164 if facts.phone else None,
        }
        number = None
        if customer.id is None:
            place = f"customers.organisation_number.{customer_id}"
            number = self._cipher.encrypt_text(place, customer.organisation_number.digits)
        return _Encrypted(customer_id, self._cipher.encrypt_json(f"customers.contact.{customer_id}", contact), number)

    def _write(self, changes: Sequence[Change], encrypted: Sequence[_Encrypted], now: datetime) -> None:
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        numbers: list[dict[str, Any]] = []
        for change, fields in zip(changes, encrypted, strict=True):
            row = _row(change.after, fields, now)
            if fields.organisation_number is None:
                changed.append({"customer_id": fields.customer_id, **row})
            else:
                number_hash = self._pepper.hash(ORGANISATION_NUMBER, change.after.organisation_number.digits)
                number = {
                    "organisation_number_hash": number_hash,
                    "organisation_number_encrypted": fields.organisation_number,
                }
                added.append({"id": fields.customer_id, **number, **row})
            numbers += self._changed_numbers(change, fields.customer_id)
        if added:
            connection().execute(insert(customers), added)
        if changed:
            connection().execute(_UPDATE, changed)
        for at in range(0, len(numbers), _CHUNK):
            upsert(customer_numbers, numbers[at : at + _CHUNK], replaced=["customer_id", "last_four_hash", "state"])

    def _changed_numbers(self, change: Change, customer_id: str) -> Iterator[dict[str, Any]]:
        before = change.before.numbers if change.before else {}
        last_four = change.after.organisation_number.last_four
        for number, state in change.after.numbers.items():
            if before.get(number) is not state:
                yield {
                    "number": number.value,
                    "customer_id": customer_id,
                    "last_four_hash": self._pepper.hash(LAST_FOUR, f"{number.value}|{last_four}"),
                    "state": state.value,
                }

    @staticmethod
    def _numbers(after: str, last: str) -> Mapping[str, Mapping[CustomerNumber, NumberState]]:
        """The numbers of the customers of a page."""
        columns = customer_numbers.c.customer_id, customer_numbers.c.number, customer_numbers.c.state
        of_page = select(*columns).where(customer_numbers.c.customer_id > after, customer_numbers.c.customer_id <= last)
        numbers: dict[str, dict[CustomerNumber, NumberState]] = {}
        for row in connection().execute(of_page):
            numbers.setdefault(row.customer_id, {})[CustomerNumber(row.number)] = NumberState(row.state)
        return numbers

    def _customer(self, row: RowMapping, numbers: Mapping[CustomerNumber, NumberState]) -> RegisteredCustomer:
        customer_id = row["id"]
        contact: dict[str, str | None] = {}
        if row["contact_encrypted"] is not None:
            contact = self._cipher.decrypt_json(f"customers.contact.{customer_id}", row["contact_encrypted"])
        email, phone = contact.get("email"), contact.get("phone")
        return RegisteredCustomer(
            organisation_number=organisation_number(self._cipher, customer_id, row["organisation_number_encrypted"]),
            facts=Facts(
                name=row["name"],
                city=sys.intern(row["city"]) or None,
                email=Email(email) if email else None,
                phone=Phone(phone) if phone else None,
            ),
            numbers=numbers,
            id=customer_id,
        )


def _row(after: RegisteredCustomer, encrypted: _Encrypted, now: datetime) -> dict[str, Any]:
    return {
        "name": after.facts.name,
        "city": after.facts.city or "",
        "contact_encrypted": encrypted.contact,
        "reached_by": _reached_by(after),
        "active": after.is_active,
        "updated_at": now,
    }


def _reached_by(customer: RegisteredCustomer) -> tuple[str, ...]:
    """Whether there is anybody to tell, for those who must know without opening what there is."""
    ways = {"email": customer.facts.email, "phone": customer.facts.phone}
    return tuple(way for way, address in ways.items() if address is not None)


def _present_version() -> str:
    digest = hashlib.sha256()
    for row in connection().execute(select(customers.c.id, customers.c.updated_at).order_by(customers.c.id)):
        digest.update(_stamp(row.id, row.updated_at))
    return digest.hexdigest()


def _stamp(customer_id: str, updated_at: datetime) -> bytes:
    """Every change of a customer or its numbers writes `updated_at`."""
    return f"{customer_id} {updated_at.timestamp():.6f}\n".encode()
