"""What linking needs from the outside: each method one business verb, each atomic by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.core.linking.claim import Claim
from idp.core.people.customer import LinkAssurance, LinkedCustomer
from idp.core.people.organisation_number import OrganisationNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The person is linked to the customer from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyLinked:
    """The link was there, by this number or another; it stays as it was proved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """An operator keeps the person out of this customer: the old digits do not open it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberMoved:
    """The number does not lead to the customer any more: an import gave it to another one, or closed the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """A customer with a new user, and everybody who may have to hear of it."""

    customer_name: str
    person_name: str = field(repr=False)
    """Of the new user."""
    contact_on_file: str | None = field(repr=False)
    """The register's e-mail address."""
    phone_on_file: str | None = field(default=None, repr=False)
    """The register's telephone number."""
    colleagues: Mapping[str, str] = field(repr=False)
    """E-mail addresses, by person, of the others whose links count and whose accounts are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whose a customer number is, as far as may be known before anything is proved."""

    counted_as: str
    """What tries at the number are counted by: the same for all numbers of a company; the number where nobody has it."""
    customer_id: str | None
    """None where nobody has the number."""
    is_told: bool = True
    """Whether somebody hears of a new user: the register's e-mail address, or people who are linked."""
    has_phone: bool = False
    """Whether the register has a telephone number, which helps where text messages leave."""
    owned: str | None
    """The customer's id when the number opens a customer whose organisation number is the one that was asked with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """How the register reaches a customer."""

    customer_id: str
    customer_name: str
    email: str | None = field(repr=False)
    phone: str | None = field(default=None, repr=False)


class Customers(Protocol):
    """The customers of the register, as somebody meets them who claims to belong to one."""

    def company_of(self, number: str, owner: OrganisationNumber | None) -> Company:
        """The same work for every number; `owner` is the number of the firm that the person may have."""

    def verify(self, claim: Claim) -> str | None:
        """The customer's id when number and digits belong together and the customer is active; the same work always."""

    def find(self, customer_id: str) -> LinkedCustomer | None:
        """Its facts, as not yet linked."""


class Contacts(Protocol):
    """The contacts that the register has of its customers."""

    def on_file(self, number: str) -> OnFile | None:
        """Of the active customer that a number leads to; one statement, whether there is one or not."""

    def of_customer(self, customer_id: str) -> OnFile | None:
        """Of a customer, active or not."""


class Links(Protocol):
    """Which person is linked to which customer."""

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
        """Link a person with an account, by one conditional statement."""

    def is_second(self, person_id: str | None, customer_id: str) -> bool:
        """Whether others are linked whose accounts are open, and no link of this person stands, suspended or not.

        The customer is held until the transaction ends: whoever else asks meanwhile waits, and sees what came of it.
        """

    def concerned(self, person_id: str, customer_id: str) -> Concerned:
        """Whom a link that this person has to this customer concerns."""
