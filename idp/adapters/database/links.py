"""Links between persons and customers, and whom they concern."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, RowMapping, Select, and_, exists, select, update

from idp.adapters.database.customers import leads_to
from idp.adapters.database.decoding import LINK_IS_ACTIVE
from idp.adapters.database.encryption import Cipher, FieldCipher
from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.person_keys import PEOPLE_WITH_KEYS
from idp.adapters.database.tables import LINK_STANDS, customer_numbers, customers, links, people, person_keys
from idp.adapters.database.upsert import insert_or_find
from idp.core.customer_register.ports import EndedLink
from idp.core.ids import new_id
from idp.core.linking.approval import Deciders
from idp.core.linking.freeze_secrets import Held
from idp.core.linking.ports import AlreadyLinked, Concerned, Linked, NumberMoved, ShutOut
from idp.core.people.customer import CustomerNumber, LinkAssurance, Role

_PERSON: Select[Any] = select(
    people.c.id, people.c.profile_encrypted, people.c.contact_encrypted, person_keys.c.key_encrypted
).select_from(PEOPLE_WITH_KEYS)


class DatabaseLinks:
    """The ports `Links` of linking and of accounts, and `DecidersOf`; a person and a customer have at most one that stands."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def link(
        self,
        person_id: str,
        customer_id: str,
        number: str,
        assurance: LinkAssurance,
        now: datetime,
        *,
        fresh_until: datetime,
    ) -> Linked | AlreadyLinked | ShutOut | NumberMoved:
        """A suspended link stands, too: a person who was shut out does not come back by the old digits."""
        make_durable()
        link_id = new_id(now)
        row = {
            "id": link_id,
            "person_id": person_id,
            "customer_id": customer_id,
            "number": number,
            "role": Role.USER.value,
            "assurance": assurance.value,
            "linked_at": now,
            "fresh_until": fresh_until,
        }
        standing = insert_or_find(
            links, row, index=["person_id", "customer_id"], where=LINK_STANDS, given=leads_to(number, customer_id)
        )
        if standing is None:
            return NumberMoved()
        if standing["id"] != link_id:
            return AlreadyLinked() if standing["suspended_at"] is None else ShutOut()
        return Linked()

    def is_second(self, person_id: str | None, customer_id: str) -> bool:
        """A write that changes nothing goes first: both databases keep others from the customer until the commit."""
        held = update(customers).where(customers.c.id == customer_id).values(active=customers.c.active)
        connection().execute(held)
        standing = select(links.c.id).where(
            links.c.customer_id == customer_id, links.c.person_id == person_id, LINK_STANDS
        )
        if person_id is not None and connection().execute(standing).first() is not None:
            return False
        return bool(self._colleagues(person_id or "", customer_id))

    def concerned(self, person_id: str, customer_id: str) -> Concerned:
        facts = select(customers.c.name, customers.c.contact_encrypted).where(customers.c.id == customer_id)
        customer = connection().execute(facts).one()
        newcomer = connection().execute(_PERSON.where(people.c.id == person_id)).one()
        own = self._cipher.of_person(person_id, newcomer.key_encrypted)
        colleagues = self._colleagues(person_id, customer_id)
        on_file = _contact(self._cipher, f"customers.contact.{customer_id}", customer.contact_encrypted)
        return Concerned(
            customer_name=customer.name,
            person_name=own.decrypt_json(f"people.profile.{person_id}", newcomer.profile_encrypted)["name"],
            contact_on_file=on_file.get("email"),
            phone_on_file=on_file.get("phone"),
            colleagues={row.id: address for row in colleagues if (address := self._persons_address(row))},
        )

    def deciders(self, customer_id: str) -> Deciders:
        facts = select(customers.c.name, customers.c.contact_encrypted).where(customers.c.id == customer_id)
        customer = connection().execute(facts).one()
        colleagues = self._colleagues("", customer_id)
        return Deciders(
            customer_name=customer.name,
            contact_on_file=_email(self._cipher, f"customers.contact.{customer_id}", customer.contact_encrypted),
            colleagues={row.id: address for row in colleagues if (address := self._persons_address(row))},
        )

    def is_kept_out(self, person_id: str, number: str) -> bool:
        its_own = and_(links.c.person_id == person_id, links.c.number == number)
        suspended = select(links.c.id).where(its_own, LINK_STANDS, links.c.suspended_at.is_not(None))
        return connection().execute(suspended).first() is not None

    def end(self, person_id: str, number: str, now: datetime, *, reason: str) -> str | None:
        standing = update(links).where(links.c.person_id == person_id, links.c.number == number, LINK_STANDS)
        ended = standing.values(ended_at=now, end_reason=reason).returning(links.c.customer_id)
        return connection().execute(ended).scalars().first()

    def leave(self, person_id: str, customer_id: str, now: datetime, *, made_since: datetime | None) -> str | None:
        active = update(links).where(
            links.c.person_id == person_id, links.c.customer_id == customer_id, *LINK_IS_ACTIVE
        )
        if made_since is not None:
            active = active.where(links.c.linked_at >= made_since)
        left = active.values(ended_at=now, end_reason="left").returning(links.c.number)
        return connection().execute(left).scalars().first()

    def keep_out(self, person_id: str, number: str, now: datetime) -> str | None:
        active = update(links).where(links.c.person_id == person_id, links.c.number == number, *LINK_IS_ACTIVE)
        suspended = active.values(suspended_at=now).returning(links.c.customer_id)
        return connection().execute(suspended).scalars().first()

    @staticmethod
    def freeze(held: Held, now: datetime) -> bool:
        suspended = update(links).where(*_that_link(held), links.c.suspended_at.is_(None)).values(suspended_at=now)
        return connection().execute(suspended).rowcount == 1

    @staticmethod
    def is_frozen(held: Held) -> bool:
        found = select(links.c.id).where(*_that_link(held), links.c.suspended_at.is_not(None))
        return connection().execute(found).first() is not None

    @staticmethod
    def people_linked_by(numbers: Iterable[CustomerNumber]) -> Mapping[CustomerNumber, Sequence[str]]:
        found: dict[CustomerNumber, list[str]] = {}
        for chunk in _chunks([number.value for number in numbers]):
            standing = select(links.c.number, links.c.person_id).where(links.c.number.in_(chunk), *LINK_IS_ACTIVE)
            for row in connection().execute(standing.order_by(links.c.linked_at, links.c.id)):
                found.setdefault(CustomerNumber(row.number), []).append(row.person_id)
        return found

    def end_moved(self, now: datetime) -> Sequence[EndedLink]:
        """Every link by a number that is another customer's, whenever that came about; people who are shut out stay so."""
        anothers = exists().where(
            customer_numbers.c.number == links.c.number, customer_numbers.c.customer_id != links.c.customer_id
        )
        ending = update(links).where(anothers, *LINK_IS_ACTIVE).values(ended_at=now, end_reason="number_moved")
        ended = connection().execute(ending.returning(*links.c)).mappings().all()
        return [self._ended(link) for link in ended]

    def _ended(self, link: RowMapping) -> EndedLink:
        person = connection().execute(_PERSON.where(people.c.id == link["person_id"])).one_or_none()
        facts = select(customers.c.name, customers.c.contact_encrypted).where(customers.c.id == link["customer_id"])
        customer = connection().execute(facts).one()
        on_file = f"customers.contact.{link['customer_id']}"
        return EndedLink(
            person_id=link["person_id"],
            customer_id=link["customer_id"],
            number=CustomerNumber(link["number"]),
            customer_name=customer.name,
            persons_address=None if person is None else self._persons_address(person),
            contact_on_file=_email(self._cipher, on_file, customer.contact_encrypted),
        )

    @staticmethod
    def _colleagues(person_id: str, customer_id: str) -> Sequence[Row[Any]]:
        statement = _PERSON.join(links, links.c.person_id == people.c.id).where(
            links.c.customer_id == customer_id,
            links.c.person_id != person_id,
            *LINK_IS_ACTIVE,
            people.c.blocked_at.is_(None),
            people.c.contact_encrypted.is_not(None),
        )
        return connection().execute(statement).all()

    def _persons_address(self, row: Row[Any]) -> str | None:
        """Of a row of _PERSON."""
        own = self._cipher.of_person(row.id, row.key_encrypted)
        return _email(own, f"people.contact.{row.id}", row.contact_encrypted)


def _email(cipher: Cipher, place: str, encrypted: bytes | None) -> str | None:
    return _contact(cipher, place, encrypted).get("email")


def _contact(cipher: Cipher, place: str, encrypted: bytes | None) -> Mapping[str, str]:
    """What is known of it: an e-mail address, a telephone number."""
    stored = {} if encrypted is None else cipher.decrypt_json(place, encrypted)
    return {name: value for name, value in stored.items() if value}


def _that_link(held: Held) -> Sequence[ColumnElement[bool]]:
    """The one that was made then: a later one is not what its notice's readers were asked about."""
    return (
        links.c.person_id == held.person_id,
        links.c.customer_id == held.customer_id,
        links.c.linked_at == held.linked_at,
        links.c.ended_at.is_(None),
    )


def _chunks(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]
