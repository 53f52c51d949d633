"""The person behind a BankID, as this provider knows them; the personal number is not part of it."""

from dataclasses import dataclass
from datetime import date, datetime

from idp.core.people.contact import Contact
from idp.core.people.customer import LinkAssurance, LinkedCustomer, Role

__all__ = ["LinkAssurance", "LinkedCustomer", "Person", "Role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchPerson:
    """No account has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a user account: a random subject, the names BankID gave, contact details and linked customers."""

    id: str
    sub: str
    name: str
    given_name: str
    surname: str
    birthdate: date | None
    contact: Contact | None = None
    registered_at: datetime | None = None
    blocked_at: datetime | None = None
    links: tuple[LinkedCustomer, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether support or the system has suspended the account."""
        return self.blocked_at is not None

    def link_to(self, customer_id: str) -> LinkedCustomer | None:
        """Find this person's link to one customer."""
        return next((link for link in self.links if link.customer_id == customer_id), None)
