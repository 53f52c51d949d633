"""The customer register: proofs that cost the same for every number, and imports that can be repeated."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, insert, select, update

from idp.adapters.database.decoding import organisation_number
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.tables import customer_numbers, customers
from idp.adapters.database.upsert import upsert
from idp.core.customer_register.plan import RegisterEntry
from idp.core.oidc.tokens.grant import new_id
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber, LinkedCustomer

_ORGANISATION_NUMBER = "customers.organisation_number"
_LAST_FOUR = "customers.last_four"
_CHUNK = 500
_NOBODY = bytes(33)
"""Compared when there is no such number; no key makes this hash."""

_PROOF = (
    select(
        customer_numbers.c.customer_id,
        customer_numbers.c.last_four_hash,
        (customer_numbers.c.active & customers.c.active).label("active"),
    )
    .join_from(customer_numbers, customers)
    .where(customer_numbers.c.number == bindparam("number"))
)


class DatabaseCustomers:
    """The port `Customers`, and the register's import."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper

    def verify(self, number: str, last_four: str) -> str | None:
        """One statement and the same comparisons, whether the number is known, inactive or neither."""
        stated = self._pepper.candidates(_LAST_FOUR, f"{number}|{last_four}")
        row = connection().execute(_PROOF, {"number": number}).one_or_none()
        stored, active = (row.last_four_hash, row.active) if row is not None else (_NOBODY, False)
        matches = [hmac.compare_digest(stored, candidate) for candidate in stated]
        return row.customer_id if row is not None and active and any(matches) else None

    def find(self, customer_id: str) -> LinkedCustomer | None:
        """Active ones only; the number is the customer's first."""
        return self._found(customers.c.id == customer_id)

    def count(self) -> int:
        """How many customers are active."""
        return connection().execute(select(func.count()).where(customers.c.active)).scalar_one()

    def register(self) -> Mapping[CustomerNumber, RegisterEntry]:
        """What is stored, by customer number, to plan an import against."""
        statement = select(customer_numbers.c.number, customer_numbers.c.active.label("open"), *customers.c)
        rows = connection().execute(statement.join_from(customer_numbers, customers)).mappings()
        entries = (self._entry(row) for row in rows)
        return {entry.number: entry for entry in entries}

    def save(self, entries: Iterable[RegisterEntry], now: datetime) -> int:
        """Write entries of an import plan; entries of one organisation become one customer. Returns how many."""
        make_durable()
        saved = 0
        for chunk in _chunks(entries):
            ids = self._save_customers(chunk, now)
            numbered = [
                {
                    "number": entry.number.value,
                    "customer_id": ids[entry.organisation_number.digits],
                    "last_four_hash": self._pepper.hash(
                        _LAST_FOUR, f"{entry.number.value}|{entry.organisation_number.last_four}"
                    ),
                    "active": entry.active,
                }
                for entry in chunk
            ]
            upsert(customer_numbers, numbered, replaced=["customer_id", "last_four_hash", "active"])
            saved += len(chunk)
        return saved

    def _save_customers(self, chunk: Sequence[RegisterEntry], now: datetime) -> dict[str, str]:
        """The ids of the chunk's customers by organisation number."""
        entries = {entry.organisation_number.digits: entry for entry in chunk}
        known = self._known(entries)
        ids = {digits: known.get(digits) or new_id(now) for digits in entries}
        rows = {digits: self._row(ids[digits], entry, now) for digits, entry in entries.items()}
        if added := [row for digits, row in rows.items() if digits not in known]:
            connection().execute(insert(customers), added)
        if changed := [row for digits, row in rows.items() if digits in known]:
            statement = update(customers).where(customers.c.id == bindparam("customer_id"))
            connection().execute(statement, [{"customer_id": row.pop("id"), **row} for row in changed])
        return ids

    def _known(self, digits: Iterable[str]) -> dict[str, str]:
        hashes = {
            candidate: number
            for number in digits
            for candidate in self._pepper.candidates(_ORGANISATION_NUMBER, number)
        }
        statement = select(customers.c.id, customers.c.organisation_number_hash)
        known = statement.where(customers.c.organisation_number_hash.in_(list(hashes)))
        return {hashes[bytes(row.organisation_number_hash)]: row.id for row in connection().execute(known)}

    def _row(self, customer_id: str, entry: RegisterEntry, now: datetime) -> dict[str, Any]:
        contact = {
            "email": entry.email.address if entry.email else None,
            "phone": entry.phone.e164 if entry.phone else None,
        }
        digits = entry.organisation_number.digits
        return {
            "id": customer_id,
            "name": entry.name,
            "city": entry.city,
            "organisation_number_hash": self._pepper.hash(_ORGANISATION_NUMBER, digits),
            "organisation_number_sealed": self._cipher.seal_text(
                f"customers.organisation_number.{customer_id}", digits
            ),
            "contact_sealed": self._cipher.seal_json(f"customers.contact.{customer_id}", contact),
            "active": entry.active,
            "updated_at": now,
        }

    def _entry(self, row: RowMapping) -> RegisterEntry:
        customer_id = row["id"]
        contact: dict[str, str | None] = {"email": None, "phone": None}
        if row["contact_sealed"] is not None:
            contact = self._cipher.open_json(f"customers.contact.{customer_id}", row["contact_sealed"])
        return RegisterEntry(
            number=CustomerNumber(row["number"]),
            organisation_number=organisation_number(self._cipher, customer_id, row["organisation_number_sealed"]),
            name=row["name"],
            city=row["city"],
            email=Email(contact["email"]) if contact["email"] else None,
            phone=Phone(contact["phone"]) if contact["phone"] else None,
            active=row["open"] and row["active"],
        )

    def _found(self, condition: ColumnElement[bool]) -> LinkedCustomer | None:
        statement = (
            select(*customers.c, customer_numbers.c.number)
            .join_from(customers, customer_numbers)
            .where(condition, customers.c.active, customer_numbers.c.active)
            .order_by(customer_numbers.c.number)
            .limit(1)
        )
        row = connection().execute(statement).mappings().one_or_none()
        if row is None:
            return None
        return LinkedCustomer(
            customer_id=row["id"],
            number=CustomerNumber(row["number"]),
            organisation_number=organisation_number(self._cipher, row["id"], row["organisation_number_sealed"]),
            name=row["name"],
            city=row["city"],
        )


def _chunks(entries: Iterable[RegisterEntry]) -> Iterator[list[RegisterEntry]]:
    remaining = iter(entries)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk
