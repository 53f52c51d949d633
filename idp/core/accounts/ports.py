"""What accounts need from the outside: each method one business verb, each one conditional statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from idp.core.linking.ports import Concerned
from idp.core.people.contact import Contact
from idp.core.people.identity import Identity
from idp.core.people.person import PendingIdentity, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What makes or completes an account."""

    person_id: str
    """Of a known person without contact details, or a fresh one."""
    newcomer: PendingIdentity | None
    """Who identified without an account; None for a known person."""
    contact: Contact
    authentication_id: str
    """Of the identification after which it is opened."""


class People(Protocol):
    """Persons with an account."""

    def find(self, person_id: str) -> Person | None: ...
    def find_by_identity(self, identity: Identity) -> Person | None: ...
    def register(self, registration: NewAccount, now: datetime) -> bool:
        """Make or complete the account; False when it has contact details, which stay.

        Raises Overtaken when an account with the same identity was made meanwhile.
        """

    def block(self, person_id: str, now: datetime, *, reason: str) -> bool:
        """False when it is blocked, or there is no such person."""

    def unblock(self, person_id: str) -> bool:
        """False when it is not blocked, or there is no such person."""

    def confirm_email(self, person_id: str, address: str, now: datetime) -> bool:
        """Note that the person reads this address; False when it is confirmed already or another by now."""


class Remainder(StrEnum):
    """What an erasure leaves."""

    EVIDENCE = "evidence"
    """Of a registration, a link or a consent: what was signed, with name and personal number."""
    LINKS = "links"
    AUDIT = "audit"
    TRIES = "tries"
    OWN_FIRM = "own_firm"
    """A customer of the register whose organisation number is the person's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillKept:
    """Rows that an erasure leaves, and when the last of them goes; None: not by itself."""

    what: Remainder
    count: int | None
    """None where they cannot be counted, for they name nobody."""
    until: datetime | None


class Traces(Protocol):
    """All that is stored of a person, as an erasure meets it."""

    def was_erased(self, person_id: str) -> bool: ...
    def is_kept_out(self, person_id: str) -> bool:
        """Whether an operator keeps the person out of a company."""

    def erase(self, person: Person, now: datetime) -> Sequence[StillKept] | None:
        """Destroy the person's key, end logins under way, and empty or delete every row that the inventory says.

        Gives what is left; None, with nothing changed, when another erasure was first.
        """


class Keyless(Protocol):
    """People who have rows and no key: erased, and brought back by a backup from before."""

    def count(self) -> int: ...
    def forget(self, now: datetime) -> Sequence[str]:
        """Empty and delete their rows as an erasure does; gives their ids."""


class Directory(Protocol):
    """Persons with an account, as support looks for them."""

    def search(self, text: str) -> Sequence[Person]:
        """By id, sub, e-mail address, telephone number or customer number."""


class Numbers(Protocol):
    """Customer numbers of the register."""

    def hold(self, number: str, customer_id: str) -> bool:
        """Let the number lead to this customer until the transaction ends; False when it does not lead there."""


class Links(Protocol):
    """Who is linked to which customer, by which number."""

    def end(self, person_id: str, number: str, now: datetime, *, reason: str) -> str | None:
        """End the link, suspended or not; the customer's id, or None when none stands."""

    def leave(self, person_id: str, customer_id: str, now: datetime, *, made_since: datetime | None) -> str | None:
        """End an active link, of at least that time; by which number it was, or None when there is none."""

    def concerned(self, person_id: str, customer_id: str) -> Concerned:
        """Whom a link that this person has or had to this customer concerns."""

    def keep_out(self, person_id: str, number: str, now: datetime) -> str | None:
        """Suspend the link: it gives nothing and cannot be made again; the customer's id, or None when none is active."""

    def is_kept_out(self, person_id: str, number: str) -> bool: ...


class Sessions(Protocol):
    """Browser sessions."""

    def end(self, session_id: str, now: datetime, *, reason: str) -> bool: ...
    def end_for_person(self, person_id: str, now: datetime, *, reason: str) -> Sequence[str]:
        """The ids of those that had not ended."""

    def acting_for(self, person_id: str, customer_id: str) -> Sequence[str]:
        """Those of a person that gave a grant for this customer, and have not ended."""


class KnownDevices(Protocol):
    """Browsers that people have logged in with."""

    def forget(self, device_id: str) -> str | None:
        """The person whose login it was; None when it is forgotten already."""

    def exists(self, device_id: str) -> bool: ...


class Cases(Protocol):
    """What support is asked about by a code, for `idp explain CODE`."""

    def note(self, code: str, now: datetime, facts: Mapping[str, Any]) -> None: ...


class Grants(Protocol):
    """Grants as an account sees them; each method says how many it revoked."""

    def revoke_for_person(self, person_id: str, now: datetime, *, reason: str) -> int: ...
    def revoke_for_person_and_client(self, person_id: str, client_id: str, now: datetime, *, reason: str) -> int: ...
    def revoke_for_person_and_customer(self, person_id: str, customer_id: str, now: datetime, *, reason: str) -> int:
        """Those that act for the customer."""

    def revoke_for_closed_customers(self, now: datetime, *, reason: str) -> int:
        """Those that act for customers closed at this moment."""


class Consents(Protocol):
    """What a person allows a third party."""

    def withdraw(self, person_id: str, client_id: str, now: datetime) -> bool: ...


class StandingConsents(Protocol):
    """What a person allows, as support reads it."""

    def all_of(self, person_id: str, now: datetime) -> Mapping[str, Sequence[str]]:
        """What stands now, by client: the scopes, sorted."""
