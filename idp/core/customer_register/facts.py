"""What the register says about a customer: facts that are absent or have a value, and a state for each number."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber


class Field(StrEnum):
    """The columns that a register may have."""

    NUMBER = "customer_number"
    ORGANISATION_NUMBER = "organisation_number"
    NAME = "name"
    CITY = "city"
    EMAIL = "email"
    PHONE = "phone"
    ACTIVE = "active"
    CLOSED = "closed"
    """The same as `active`, the other way round: a column "Inaktiv" or "Avslutad"."""


FACTS = (Field.NAME, Field.CITY, Field.EMAIL, Field.PHONE)


class NumberState(StrEnum):
    """What the register says of one customer number; a customer is active when any of its numbers is."""

    ACTIVE = "active"
    CLOSED = "closed"
    """The register says so. An old number that was merged into a customer is closed, and still leads to it."""
    MISSING = "missing"
    """The register does not have it any more; it leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Each is None when nothing is known of it."""

    name: str | None = None
    city: str | None = None
    email: Email | None = None
    phone: Phone | None = None

    def over(self, earlier: Self) -> Self:
        """These facts, and the earlier ones where these say nothing."""
        return replace(
            self,
            name=self.name or earlier.name,
            city=self.city or earlier.city,
            email=self.email or earlier.email,
            phone=self.phone or earlier.phone,
        )

    def sharing(self, other: Self) -> Self:
        """Equal facts, made of the other's objects where those are equal."""
        if self == other:
            return other
        return replace(
            self,
            name=other.name if self.name == other.name else self.name,
            city=other.city if self.city == other.city else self.city,
            email=other.email if self.email == other.email else self.email,
            phone=other.phone if self.phone == other.phone else self.phone,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCustomer:
    """One organisation with everything that is known of it: the unit in which the register is planned and stored."""

    organisation_number: OrganisationNumber
    facts: Facts
    numbers: Mapping[CustomerNumber, NumberState]
    id: str | None = field(default=None, compare=False)
    """None while it is not stored."""

    @property
    def is_active(self) -> bool:
        """Whether any of its numbers is."""
        return NumberState.ACTIVE in self.numbers.values()
