"""What an import needs from the outside: each method one business verb, all in the transaction of the import."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.core.customer_register.facts import Field, RegisteredCustomer
from idp.core.customer_register.line import RefusedLine, RegisterLine
from idp.core.customer_register.plan import Change
from idp.core.people.customer import CustomerNumber

Progress = Callable[[int, int], None]
"""Called now and then with what is done and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The register as it was at one moment."""

    customers: Sequence[RegisteredCustomer]
    version: str
    """Another one after any change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedLink:
    """A person's link to a customer that ended, because its number is another customer's now."""

    person_id: str
    customer_id: str
    number: CustomerNumber
    customer_name: str
    persons_address: str | None = field(repr=False)
    """The person's e-mail address; None without one."""
    contact_on_file: str | None = field(repr=False)
    """The register's e-mail address for the customer."""


class RegisterFile(Protocol):
    """A file whose columns are understood; its lines are read when they are asked for."""

    @property
    def sheet(self) -> str | None:
        """The name of the sheet; None for a text file."""

    @property
    def unknown_headers(self) -> Sequence[str]:
        """Columns that are not imported, each with what may have been meant."""

    @property
    def remarks(self) -> Sequence[str]:
        """What the sheet has that cells do not show, once it was read: hidden rows, merged cells."""

    def rows(self, progress: Progress) -> Iterator[RegisterLine | RefusedLine]:
        """Every line below the headers."""

    def report(
        self, refused: Iterable[RefusedLine], reason_of: Callable[[RefusedLine], str]
    ) -> Iterator[Sequence[str]]:
        """The headers, and then the refused lines as they stand in the file, each with its reasons in front."""

    def header_of(self, column: Field) -> str:
        """The header over a column, as it is written in the file."""

    def cell_of(self, line: int, column: Field) -> str:
        """The name that a spreadsheet gives the cell, such as B7."""


class Register(Protocol):
    """The stored register."""

    def read(self) -> Snapshot: ...
    def save(self, changes: Sequence[Change], version: str, now: datetime, progress: Progress) -> bool:
        """Write the customers as they are afterwards; False, and nothing written, when the register has changed."""


class Links(Protocol):
    """Who is linked to whom."""

    def people_linked_by(self, numbers: Iterable[CustomerNumber]) -> Mapping[CustomerNumber, Sequence[str]]:
        """The ids of the people whose links stand by these numbers."""

    def end_moved(self, now: datetime) -> Sequence[EndedLink]:
        """End every link by a number that is another customer's."""


class Access(Protocol):
    """What people got by their links: grants with their tokens, and logins at clients."""

    def end(self, person_id: str, customer_id: str, now: datetime, *, reason: str) -> None:
        """End what acts for this customer in this person's name."""

    def end_for_closed(self, now: datetime) -> int:
        """Revoke the grants that act for customers closed at this moment. Returns how many."""
