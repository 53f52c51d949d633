"""Customers as people meet them: proofs that cost the same for every number, and what is shown of a customer."""

import hmac
from collections.abc import Iterable
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, select, update

from idp.adapters.database.customer_register import LAST_FOUR, ORGANISATION_NUMBER
from idp.adapters.database.decoding import LINK_IS_ACTIVE, organisation_number
from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import customer_numbers, customers, links
from idp.core.customer_register.facts import NumberState
from idp.core.linking.claim import Claim, LastFour
from idp.core.linking.ports import Company, OnFile
from idp.core.people.customer import CustomerNumber, LinkedCustomer
from idp.core.people.organisation_number import OrganisationNumber

_NOBODY = bytes(33)
"""Compared when there is no such number; no key makes this hash."""

_PROOF = (
    select(
        customer_numbers.c.customer_id,
        customer_numbers.c.last_four_hash,
        customers.c.organisation_number_hash,
        customers.c.reached_by,
        exists().where(links.c.customer_id == customers.c.id, *LINK_IS_ACTIVE).label("has_people"),
        ((customer_numbers.c.state != NumberState.MISSING.value) & customers.c.active).label("active"),
    )
    .join_from(customer_numbers, customers)
    .where(customer_numbers.c.number == bindparam("number"))
)


def leads_to(number: str, customer_id: str) -> ColumnElement[bool]:
    """The condition for the number's row: it opens the customer, as `verify` says."""
    return and_(
        customer_numbers.c.number == number,
        customer_numbers.c.customer_id == customer_id,
        customer_numbers.c.state != NumberState.MISSING.value,
        exists().where(customers.c.id == customer_numbers.c.customer_id, customers.c.active),
    )


def _is_among(stated: Iterable[bytes], stored: bytes) -> bool:
    """In the same time wherever it stands."""
    compared = [hmac.compare_digest(stored, candidate) for candidate in stated]
    return any(compared)


class DatabaseCustomers:
    """The ports `Customers` and `Contacts` of linking and `Numbers` of accounts."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper

    def company_of(self, number: str, owner: OrganisationNumber | None) -> Company:
        """One statement and the same comparisons, as in `verify`."""
        row = connection().execute(_PROOF, {"number": number}).one_or_none()
        is_owned = owner is not None and self._are_of(row, owner)
        return Company(
            counted_as=number if row is None else row.customer_id,
            customer_id=None if row is None else row.customer_id,
            is_told=row is not None and (row.has_people or "email" in row.reached_by),
            has_phone=row is not None and "phone" in row.reached_by,
            owned=row.customer_id if row is not None and row.active and is_owned else None,
        )

    def verify(self, claim: Claim) -> str | None:
        """One statement and the same comparisons, whether the number is known, missing or neither.

        A closed number of an active customer leads to it, for old numbers were merged into customers.
        """
        number = claim.customer_number.value
        row = connection().execute(_PROOF, {"number": number}).one_or_none()
        match claim.digits:
            case LastFour(digits=digits):
                stated = self._pepper.candidates(LAST_FOUR, f"{number}|{digits}")
                is_right = _is_among(stated, _NOBODY if row is None else row.last_four_hash)
            case OrganisationNumber():
                is_right = self._are_of(row, claim.digits)
            case _:
                assert_never(claim.digits)
        return row.customer_id if row is not None and row.active and is_right else None

    def _are_of(self, row: Row[Any] | None, digits: OrganisationNumber) -> bool:
        stated = self._pepper.candidates(ORGANISATION_NUMBER, digits.digits)
        return _is_among(stated, _NOBODY if row is None else row.organisation_number_hash)

    def hold(self, number: str, customer_id: str) -> bool:
        """A write that changes nothing: both databases keep others from the row until the commit."""
        held = update(customer_numbers).where(leads_to(number, customer_id)).values(customer_id=customer_id)
        return connection().execute(held).rowcount == 1

    def on_file(self, number: str) -> OnFile | None:
        statement = (
            select(customers.c.id, customers.c.name, customers.c.contact_encrypted)
            .join_from(customers, customer_numbers)
            .where(
                customer_numbers.c.number == number,
                customer_numbers.c.state != NumberState.MISSING.value,
                customers.c.active,
            )
        )
        return self._contact(statement)

    def of_customer(self, customer_id: str) -> OnFile | None:
        statement = select(customers.c.id, customers.c.name, customers.c.contact_encrypted)
        return self._contact(statement.where(customers.c.id == customer_id))

    def _contact(self, statement: Select[tuple[str, str, bytes]]) -> OnFile | None:
        row = connection().execute(statement).one_or_none()
        if row is None:
            return None
        place = f"customers.contact.{row.id}"
        contact = self._cipher.decrypt_json(place, row.contact_encrypted) if row.contact_encrypted else {}
        return OnFile(
            customer_id=row.id, customer_name=row.name, email=contact.get("email"), phone=contact.get("phone")
        )

    def find(self, customer_id: str) -> LinkedCustomer | None:
        """Active ones only; the number is the customer's first."""
        return self._found(customers.c.id == customer_id)

    def count(self) -> int:
        """How many customers are active."""
        return connection().execute(select(func.count()).where(customers.c.active)).scalar_one()

    def _found(self, condition: ColumnElement[bool]) -> LinkedCustomer | None:
        statement = (
            select(*customers.c, customer_numbers.c.number)
            .join_from(customers, customer_numbers)
            .where(condition, customers.c.active, customer_numbers.c.state == NumberState.ACTIVE.value)
            .order_by(customer_numbers.c.number)
            .limit(1)
        )
        row = connection().execute(statement).mappings().one_or_none()
        if row is None:
            return None
        return LinkedCustomer(
            customer_id=row["id"],
            number=CustomerNumber(row["number"]),
            organisation_number=organisation_number(self._cipher, row["id"], row["organisation_number_encrypted"]),
            name=row["name"],
            city=row["city"],
        )
