"""End a session: with its grants, and every client that it signed in to is told.

OpenID Connect Back-Channel Logout 1.0 and Front-Channel Logout 1.0.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode

from idp.core.audit_log import Audit
from idp.core.events import SessionEnded
from idp.core.messages import Outbox
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.people.person import Person

BACKCHANNEL_KIND = "backchannel_logout"
"""Kind of the messages in the outbox: {client_id, sub, sid}; the token is made when one is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is logged in, in which session."""

    session_id: str
    person: Person = field(repr=False)


class SessionEnds(Protocol):
    """The one thing a logout does to a session."""

    def end(self, session_id: str, now: datetime, *, reason: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut:
    """What is left for the browser to do."""

    frames: tuple[str, ...]
    """Front-channel addresses to load (Front-Channel Logout 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """Ends one session with its grants, and tells its clients; those that refresh offline keep theirs."""

    sessions: SessionEnds
    grants: Grants
    outbox: Outbox
    clients: Clients
    audit: Audit
    token_issuer: Callable[[], TokenIssuer]
    """With the keys as they are now."""

    def __call__(self, session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
        """End it, once; of one that has ended already, what may be left to do for this browser."""
        if self.sessions.end(session.session_id, now, reason=reason):
            return self.conclude(session, now, reason=reason)
        reached = clients_of(session, self.grants, self.clients)
        return LoggedOut(frames=tuple(_frames(reached, self.token_issuer().issuer)))

    def conclude(self, session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
        """The same for a session that the caller has just ended."""
        reached, issuer = clients_of(session, self.grants, self.clients), self.token_issuer().issuer
        self.grants.revoke_for_session(session.session_id, now, reason=reason)
        self._tell(session.person, reached, session.session_id, now)
        ended = SessionEnded(person_id=session.person.id, session_id=session.session_id, reason=reason)
        self.audit.record(ended, now)
        return LoggedOut(frames=tuple(_frames(reached, issuer)))

    def tell_who_still_acts(self, person: Person, now: datetime) -> None:
        """Tell clients whose grants outlive their sessions; the caller ends those."""
        for client, sid in known_clients(self.grants.clients_still_acting_for(person.id, now), self.clients):
            self._tell(person, [(client, sid)], f"offline:{sid}", now)

    def _tell(self, person: Person, reached: Iterable[tuple[Client, str]], what: str, now: datetime) -> None:
        reference_tokens = self.token_issuer().reference_tokens
        for client, sid in reached:
            if client.backchannel_logout_uri:
                told = {"client_id": client.client_id, "sub": subject_for(person, client, reference_tokens), "sid": sid}
                self.outbox.put(BACKCHANNEL_KIND, f"{BACKCHANNEL_KIND}:{what}:{client.client_id}", told, now)


def clients_of(session: SignedIn, grants: Grants, clients: Clients) -> list[tuple[Client, str]]:
    """The clients that the session signed in to, each with its `sid`."""
    return known_clients(((client, sid) for client, sid, _ in grants.clients_of_session(session.session_id)), clients)


def known_clients(named: Iterable[tuple[str, str]], clients: Clients) -> list[tuple[Client, str]]:
    """Those that are still there, each with its `sid`."""
    return [(client, sid) for client_id, sid in named if (client := clients.find(client_id)) is not None]


def _frames(reached: Iterable[tuple[Client, str]], issuer: str) -> Iterable[str]:
    for client, sid in reached:
        address = client.frontchannel_logout_uri
        if address:
            yield f"{address}{'&' if '?' in address else '?'}{urlencode({'iss': issuer, 'sid': sid})}"
