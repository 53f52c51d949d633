"""The person, as this provider knows them; the identities by which others know them are not part of it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from idp.core.people.contact import Contact
from idp.core.people.customer import LinkAssurance, LinkedCustomer, Role
from idp.core.people.identity import Identity

__all__ = ["LinkAssurance", "LinkedCustomer", "Person", "Role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchPerson:
    """No account has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a method of identification says about a person; a name is never a key."""

    name: str = field(repr=False)
    given_name: str = field(repr=False)
    surname: str = field(repr=False)
    birthdate: date | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingIdentity:
    """Somebody identified who has no account yet."""

    identity: Identity
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a user account: a random subject, the names of the identification, contact details and customers."""

    id: str
    sub: str
    name: str
    given_name: str
    surname: str
    birthdate: date | None
    contact: Contact | None = None
    email_confirmed: bool = False
    """Whether the person has proved the present e-mail address; nobody proves a telephone number."""
    registered_at: datetime | None = None
    blocked_at: datetime | None = None
    links: tuple[LinkedCustomer, ...] = ()

    @property
    def profile(self) -> Profile:
        """What the person's last identification said."""
        return Profile(name=self.name, given_name=self.given_name, surname=self.surname, birthdate=self.birthdate)

    @property
    def is_blocked(self) -> bool:
        """Whether support or the system has suspended the account."""
        return self.blocked_at is not None

    def link_to(self, customer_id: str) -> LinkedCustomer | None:
        """Find this person's link to one customer."""
        return next((link for link in self.links if link.customer_id == customer_id), None)
