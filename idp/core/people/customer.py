"""The customers of the old register: their numbers, and which person is linked to which of them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from idp.core.people.digits import typed_plainly
from idp.core.people.organisation_number import OrganisationNumber

CUSTOMER_NUMBER_PATTERN = r"[0-9]{4,10}"

_LABEL = re.compile(r"\A(?:KUND)?NR:?")


@dataclass(frozen=True, slots=True)
class CustomerNumber:
    """A customer number of the old register, as it is written there: leading zeros belong to it.

    012345 and 12345 are two customers unless the register gives both to one, because old registers do hold both.
    """

    value: str

    def __post_init__(self) -> None:
        if not (self.value.isascii() and self.value.isalnum()):
            raise ValueError("a customer number has letters and digits only")

    @classmethod
    def parse(cls, text: str, pattern: str | re.Pattern[str] = CUSTOMER_NUMBER_PATTERN) -> Self:
        """Read a customer number as people copy it from an invoice: with spaces, dots, hyphens or a leading "Nr".

        Every spelling gives one value, so that spellings never multiply anybody's tries. Raises ValueError.
        """
        plain = typed_plainly(text).upper().replace("-", "").replace(".", "")
        for candidate in (plain, _LABEL.sub("", plain, count=1)):
            if candidate.isascii() and re.fullmatch(pattern, candidate):
                return cls(candidate)
        raise ValueError("not in the pattern of customer numbers")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One organisation of the register; several old customer numbers may have been merged into it."""

    id: str
    name: str
    city: str
    organisation_number: OrganisationNumber
    numbers: tuple[CustomerNumber, ...]
    active: bool = True


class LinkAssurance(StrEnum):
    """How well a link between a person and a customer is proved, the weakest first."""

    LEGACY_KNOWLEDGE = "legacy_knowledge"
    """By two facts from an old invoice."""
    CONTACT_CONFIRMED = "contact_confirmed"
    """By a code that was sent to the customer's contact in the register."""
    OWNER_APPROVED = "owner_approved"
    """Somebody who was linked already approved it."""
    SIGNATORY = "signatory"
    """The person identified as the one who may sign for the customer: a sole trader's number is the person's own."""
    SUPPORT_VERIFIED = "support_verified"
    """Customer service verified it."""

    def reaches(self, least: "LinkAssurance") -> bool:
        """Whether a link is proved this well or better."""
        order = list(LinkAssurance)
        return order.index(self) >= order.index(least)


class Role(StrEnum):
    """What a linked person may do for the customer here."""

    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCustomer:
    """A customer as one person meets it: by which number, in which role, and how well the link is proved.

    `linked_at` and `fresh_until` are None while the customer is only found and not linked yet.
    """

    customer_id: str
    number: CustomerNumber
    organisation_number: OrganisationNumber
    name: str
    city: str
    role: Role = Role.USER
    linked_at: datetime | None = None
    fresh_until: datetime | None = None
    """Until then those concerned may not have read of the link yet."""
    assurance: LinkAssurance = LinkAssurance.LEGACY_KNOWLEDGE
