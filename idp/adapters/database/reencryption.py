"""Re-encryption: rows are written again under the newest version of a secret, in batches that may stop anywhere.

What is still to do is told by the rows themselves, so nothing is noted and the next run goes on. A row is changed only while it is as it
was read: a write in between wins, and is under the newest version anyway. A person gets another key, for who holds an old version
and an old copy of the database holds the keys in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Select, func, select, update

from idp.adapters.database.accounts import EMAIL, PHONE
from idp.adapters.database.customer_register import LAST_FOUR, ORGANISATION_NUMBER
from idp.adapters.database.encryption import FieldCipher, FieldUnreadable, Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.identities import purpose
from idp.adapters.database.secret_use import OF_PERSON, columns_of, encrypted_columns, place, version_of
from idp.adapters.database.tables import customer_numbers, customers, identities, people, person_keys
from idp.core.oidc.keys.rotation import Batch
from idp.core.people.contact import Email
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.personal_data.classification import Kind


@dataclass(frozen=True, slots=True)
class _Work:
    """One column: the rows as they are read (their key as `key`, the field as `old`), and the field anew."""

    column: Column[bytes]
    rows: Select[*tuple[Any, ...]]
    renew: Callable[[RowMapping], bytes | None]
    """None when somebody else was faster. Raises FieldUnreadable."""


class DatabaseReencryption:
    """The port `Reencryption`."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher, self._pepper = cipher, pepper

    def places(self, name: str) -> Sequence[str]:
        return list(self._work(name))

    def left(self, name: str, where: str) -> int:
        work = self._work(name)[where]
        counted = select(func.count()).select_from(work.column.table).where(self._is_old(name, work.column))
        found: int = connection().execute(counted).scalar_one()
        return found

    def batch(self, name: str, where: str, after: str, *, limit: int = 50) -> Batch:
        work = self._work(name)[where]
        key = _key(work.column)
        chosen = work.rows.where(self._is_old(name, work.column), key > after).order_by(key).limit(limit)
        rows = connection().execute(chosen).mappings().all()
        renewed = unreadable = 0
        for row in rows:
            try:
                value = work.renew(row)
            except (FieldUnreadable, ValueError, KeyError):
                unreadable += 1
                continue
            if value is not None:
                mine = update(work.column.table).where(key == row["key"], work.column == row["old"])
                renewed += connection().execute(mine.values({work.column: value})).rowcount
        return Batch(last=rows[-1]["key"] if rows else None, renewed=renewed, unreadable=unreadable)

    def _is_old(self, name: str, column: Column[bytes]) -> ColumnElement[bool]:
        newest = self._cipher.newest if name == "fields" else self._pepper.newest
        condition: ColumnElement[bool] = version_of(column).not_in([bytes((OF_PERSON,)), bytes((newest,))])
        return condition

    def _work(self, name: str) -> Mapping[str, _Work]:
        works = {"fields": self._fields, "pepper": self._hashes}.get(name)
        return {place(work.column): work for work in works()} if works is not None else {}

    def _fields(self) -> Iterator[_Work]:
        for column in encrypted_columns():
            renew = self._renew_person if column is person_keys.c.key_encrypted else _again(self._cipher, column)
            yield _Work(column, select(_key(column).label("key"), column.label("old")), renew)

    def _hashes(self) -> Iterator[_Work]:
        of_people = select(people.c.id.label("key"), people.c.contact_encrypted, person_keys.c.key_encrypted).join(
            person_keys, person_keys.c.person_id == people.c.id
        )
        for column, renew in ((people.c.email_hash, self._email), (people.c.phone_hash, self._phone)):
            yield _Work(column, of_people.add_columns(column.label("old")), renew)
        keyed = select(
            identities.c.id.label("key"),
            identities.c.key_hash.label("old"),
            identities.c.person_id,
            identities.c.scheme,
            identities.c.key_encrypted.label("sealed"),
            person_keys.c.key_encrypted,
        ).join(person_keys, person_keys.c.person_id == identities.c.person_id)
        yield _Work(identities.c.key_hash, keyed, self._identity)
        company = customers.c.organisation_number_hash
        of_company = select(
            customers.c.id.label("key"), company.label("old"), customers.c.organisation_number_encrypted
        )
        yield _Work(company, of_company.add_columns(customers.c.id.label("customer_id")), self._company)
        digits = customer_numbers.c.last_four_hash
        of_number = select(customer_numbers.c.number.label("key"), digits.label("old"), customer_numbers.c.customer_id)
        yield _Work(
            digits, of_number.join(customers).add_columns(customers.c.organisation_number_encrypted), self._last_four
        )

    def _contact(self, row: RowMapping) -> Mapping[str, str]:
        own = self._cipher.of_person(row["key"], row["key_encrypted"])
        contact: Mapping[str, str] = own.decrypt_json(f"people.contact.{row['key']}", row["contact_encrypted"] or b"")
        return contact

    def _email(self, row: RowMapping) -> bytes:
        return self._pepper.hash(EMAIL, Email(self._contact(row)["email"]).compare)

    def _phone(self, row: RowMapping) -> bytes:
        return self._pepper.hash(PHONE, self._contact(row)["phone"])

    def _identity(self, row: RowMapping) -> bytes:
        own = self._cipher.of_person(row["person_id"], row["key_encrypted"])
        return self._pepper.hash(
            purpose(row["scheme"]), own.decrypt_text(f"identities.key.{row['key']}", row["sealed"])
        )

    def _organisation_number(self, row: RowMapping) -> OrganisationNumber:
        where = f"customers.organisation_number.{row['customer_id']}"
        return OrganisationNumber(self._cipher.decrypt_text(where, row["organisation_number_encrypted"]))

    def _company(self, row: RowMapping) -> bytes:
        return self._pepper.hash(ORGANISATION_NUMBER, self._organisation_number(row).digits)

    def _last_four(self, row: RowMapping) -> bytes:
        return self._pepper.hash(LAST_FOUR, f"{row['key']}|{self._organisation_number(row).last_four}")

    def _renew_person(self, row: RowMapping) -> bytes | None:
        """Another key for a person, with all that lies under the old one; who writes under it meanwhile waits."""
        person_id, old = row["key"], row["old"]
        mine = update(person_keys).where(person_keys.c.person_id == person_id, person_keys.c.key_encrypted == old)
        if not connection().execute(mine.values(key_encrypted=old)).rowcount:
            return None
        wrapped = self._cipher.make_person_key(person_id)
        before, after = self._cipher.of_person(person_id, old), self._cipher.of_person(person_id, wrapped)
        anew = [
            (column, key, after.encrypt(_field(column, key), before.decrypt(_field(column, key), field)))
            for column in columns_of(Kind.PERSON_KEY)
            for key, field in _fields_of_person(column, person_id)
        ]
        for column, key, value in anew:  # only now, for nothing may be written when one cannot be read
            connection().execute(update(column.table).where(_key(column) == key).values({column: value}))
        return wrapped


def _again(cipher: FieldCipher, column: Column[bytes]) -> Callable[[RowMapping], bytes]:
    def renew(row: RowMapping) -> bytes:
        where = _field(column, row["key"])
        return cipher.encrypt(where, cipher.decrypt(where, row["old"]))

    return renew


def _fields_of_person(column: Column[bytes], person_id: str) -> Sequence[tuple[str, bytes]]:
    owner = people.c.id if column.table is people else column.table.c.person_id
    chosen = select(_key(column), column).where(owner == person_id, version_of(column) == bytes((OF_PERSON,)))
    return [(key, field) for key, field in connection().execute(chosen)]


def _key(column: Column[bytes]) -> Column[str]:
    [key] = column.table.primary_key
    return key


def _field(column: Column[bytes], key: str) -> str:
    """Where a field lies, as it is authenticated with it."""
    return f"{column.table.name}.{column.name.removesuffix('_encrypted')}.{key}"
