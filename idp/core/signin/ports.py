"""What the journey needs from the outside: each method one business verb, each atomic by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from idp.core.identification.assertion import Assertion
from idp.core.linking.contact_code import ContactCode
from idp.core.oidc.claims.authentication import Authentication
from idp.core.oidc.clients.client import Client
from idp.core.oidc.logout.end_session import SignedIn
from idp.core.people.identity import Identity
from idp.core.people.person import Person, Profile
from idp.core.signin.interaction import Identified, Interaction, Outcome, ProvedNumber
from idp.core.signin.session import Session


class Interactions(Protocol):
    """Interactions; `hold`, `finish` and each `record_…` is compare-and-set on the version that the caller read.

    They raise Overtaken when another request was first, when the interaction has ended, or when its time is over.
    """

    def open(self, interaction: Interaction, browser_hash: str) -> None: ...
    def find(self, interaction_id: str, browser_hash: str, now: datetime) -> Interaction | None:
        """The interaction when this browser opened it and it has not expired (ended ones included)."""

    def exists_elsewhere(self, interaction_id: str, browser_hash: str, now: datetime) -> bool:
        """True when another browser holds it: the page says so instead of "expired"."""

    def client_of(self, interaction_id: str) -> str | None:
        """Which client asked, while the row stays; for everybody, because the client's own address is public."""

    def touch(self, interaction_id: str, now: datetime, expires_at: datetime, language: str | None = None) -> None: ...
    def hold(self, interaction: Interaction, now: datetime) -> Interaction:
        """Take it before anything else is written: until the end of the transaction only the result can be recorded."""

    def record_identified(
        self, interaction: Interaction, identified: Identified, session_id: str | None, now: datetime
    ) -> None:
        """Forgets `linked` and `contact_code`, too: what one person proved is never another's."""

    def record_linked(self, interaction: Interaction, linked: ProvedNumber | None, now: datetime) -> None:
        """With None, what was proved before is forgotten; a code that was asked for is forgotten either way."""

    def record_contact_code(self, interaction: Interaction, code: ContactCode, now: datetime) -> None:
        """Another code replaces one that was asked for before."""

    def record_registered(self, interaction: Interaction, person_id: str, now: datetime) -> None:
        """Erase the pending identity: `identified` keeps its time and now names the person, `linked` is cleared.

        No session counts for it any more: registering ends the one that may have stood. `identified.at` stays before the registration, which is why the person is asked to sign in again.
        """

    def record_customer(self, interaction: Interaction, customer_id: str, now: datetime) -> None: ...
    def record_set_aside(self, interaction: Interaction, step: str, now: datetime) -> None:
        """As `record_passed`; which company was proved, and which one was chosen, is forgotten."""

    def record_passed(self, interaction: Interaction, step: str, now: datetime) -> None:
        """The person did what the step of this name asks for."""

    def finish(self, interaction: Interaction, grant_id: str | None, outcome: Outcome, now: datetime) -> None:
        """End it, once."""


class EndSession(Protocol):
    """Ends a session with its grants, and tells its clients."""

    def __call__(self, session: SignedIn, now: datetime, *, reason: str) -> object: ...


class Sessions(Protocol):
    """Browser sessions."""

    def start(self, session: Session, cookie_hash: str) -> None: ...
    def find(self, cookie_hash: str, client: Client, now: datetime, idle: timedelta) -> Session | None:
        """Of the client's single sign-on group, live, not idle too long, person not blocked.

        With all customers and what this client was allowed: one read.
        """

    def find_unended(self, cookie_hash: str, sso_group: str) -> tuple[str, str] | None:
        """(session id, person id), idle or past its time, too: a person who logs out wants its tokens dead."""

    def renew(self, session: Session, cookie_hash: str) -> None:
        """The same person identified again: new cookie, authentication and times for the same session id.

        Raises Overtaken when it has ended meanwhile.
        """

    def seen(self, session_id: str, now: datetime) -> None:
        """Written at most once a minute by the caller's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedDevice:
    """A person's login with a browser."""

    id: str
    """Of the person's login with this browser; the cookie is another secret."""
    is_new: bool


class KnownDevices(Protocol):
    """Browsers that a person has logged in with."""

    def note(self, person_id: str, cookie_hash: str, now: datetime, expires_at: datetime) -> NotedDevice:
        """Remember it until then, and say whether it is the first time: one statement."""


class People(Protocol):
    """Persons with an account, found by their identities through a keyed hash."""

    def find(self, person_id: str) -> Person | None:
        """With all active customers in `links`, blocked or not."""

    def find_by_identity(self, identity: Identity) -> Person | None: ...
    def identity_of(self, person_id: str) -> Identity:
        """The first by which the person was known here. Raises LookupError when there is no such person."""

    def create(self, person_id: str, assertion: Assertion, now: datetime) -> Person:
        """An account without contact details. Raises Overtaken when somebody made one with the identity meanwhile."""

    def refresh(self, person_id: str, profile: Profile) -> Person:
        """The person, by the names that the last identification said."""

    def record_authentication(self, authentication: Authentication, assertion: Assertion) -> None:
        """Store the event and its evidence, encrypted. `person_id` may be "" while pending."""


class Consents(Protocol):
    """What a person allows a third party, remembered."""

    def find(self, person_id: str, client_id: str, now: datetime) -> frozenset[str]:
        """Scopes allowed now; empty when never, expired or withdrawn."""

    def allow(self, person_id: str, client_id: str, scope: Sequence[str], now: datetime, expires_at: datetime) -> None:
        """Add to what is allowed."""

    def withdraw(self, person_id: str, client_id: str, now: datetime) -> bool: ...
    def withdraw_for_client(self, client_id: str) -> int: ...


class Incidents(Protocol):
    """Error codes that stand on somebody's screen or in a program's answer, for `idp explain CODE`."""

    def note(self, code: str, now: datetime, facts: Mapping[str, Any], *, of_program: bool = False) -> None: ...
    def find(self, code: str) -> Mapping[str, Any] | None: ...
