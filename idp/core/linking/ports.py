"""What linking needs from the outside: each method one business verb, each atomic by itself."""

from datetime import datetime
from typing import Protocol

from idp.core.people.customer import LinkAssurance, LinkedCustomer


class Customers(Protocol):
    """The customers of the register, as somebody meets them who claims to belong to one."""

    def verify(self, number: str, last_four: str) -> str | None:
        """The customer's id when number and digits belong together and the customer is active; the same work always."""

    def find(self, customer_id: str) -> LinkedCustomer | None:
        """Its facts, as not yet linked."""


class Links(Protocol):
    """Which person is linked to which customer."""

    def is_shut_out(self, person_id: str, customer_id: str) -> bool:
        """Whether the person's link to the customer is suspended: the old digits do not open it again."""

    def link(self, person_id: str, customer_id: str, number: str, assurance: LinkAssurance, now: datetime) -> bool:
        """Link a person with an account; True when new. Queues notices."""
