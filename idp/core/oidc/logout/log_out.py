"""Log out: whether the person is asked, which of a browser's sessions end, and where the browser goes then.

OpenID Connect RP-Initiated Logout 1.0.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.id_token_hint import IdTokenHint
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.logout.end_session import LoggedOut, SignedIn, clients_of
from idp.core.oidc.logout.logout_request import LogoutRequest
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.people.person import Person


class OpenSessions(Protocol):
    """Sessions by the cookie of a browser."""

    def find_unended(self, cookie_hash: str, sso_group: str) -> tuple[str, str] | None:
        """The session and its person."""


class People(Protocol):
    """Who it is."""

    def find(self, person_id: str) -> Person | None: ...


class EndsSession(Protocol):
    """Ends a session with all that goes with it."""

    def __call__(self, session: SignedIn, now: datetime, *, reason: str) -> LoggedOut: ...


CookieHash = Callable[[str], str | None]
"""Of this browser's cookie for the sessions of a single sign-on group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDecides:
    """Nothing has ended; the person is asked."""

    apps: Sequence[Client]
    """What this browser's sessions are logged in to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """All is done, and the browser goes to the client."""

    groups: Sequence[str]
    """Whose sessions have ended."""
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """All is done that can be done here; a page does the rest."""

    groups: Sequence[str]
    """Whose sessions have ended."""
    frames: Sequence[str]
    """Front-channel addresses to load (Front-Channel Logout 3)."""
    client: Client | None
    """The one that asked, or the only one that the person was in: its own page is the way on."""
    address: str | None
    """Where the client wants the person to go on to."""
    by_itself: bool
    """Whether the page goes there without the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut:
    """Ends the sessions of one browser, for a client or for the person alone."""

    clients: Clients
    grants: Grants
    sessions: OpenSessions
    people: People
    end_session: EndsSession
    token_issuer: Callable[[], TokenIssuer]

    def __call__(
        self, request: LogoutRequest, cookie_hash: CookieHash, now: datetime
    ) -> PersonDecides | SentBack | Farewell:
        """The person is asked first, unless the hint is of the very session that would end.

        Anybody can send a browser here; only the client that this session signed in to holds such a hint.
        """
        signed_in = self._signed_in(request, cookie_hash)
        if signed_in and not self._is_wanted_by_its_client(request, signed_in.values()):
            return PersonDecides(apps=self._apps_of(signed_in.values()))
        return self._end(request, signed_in, now)

    def agreed(self, request: LogoutRequest, cookie_hash: CookieHash, now: datetime) -> SentBack | Farewell:
        """The person was asked, and logs out."""
        return self._end(request, self._signed_in(request, cookie_hash), now)

    def stayed(self, request: LogoutRequest, cookie_hash: CookieHash) -> str | None:
        """The person was asked, and stays. Gives the page of the client that asked, or of one that the person is in."""
        signed_in = self._signed_in(request, cookie_hash)
        candidates = (request.client, *self._apps_of(signed_in.values()))
        return next((client.client_uri for client in candidates if client and client.client_uri), None)

    def _signed_in(self, request: LogoutRequest, cookie_hash: CookieHash) -> Mapping[str, SignedIn]:
        """The sessions of this browser by single sign-on group: the client's, or all when no client asks.

        Also one that has idled too long for single sign-on: its tokens live, and a person who logs out wants them dead.
        """
        client = request.client
        groups = {client.sso_group} if client else {one.sso_group for one in self.clients.all()}
        found = {}
        for group in sorted(groups):
            known = cookie_hash(group)
            session = self.sessions.find_unended(known, group) if known else None
            person = self.people.find(session[1]) if session else None
            if session is not None and person is not None:
                found[group] = SignedIn(session_id=session[0], person=person)
        return found

    def _is_wanted_by_its_client(self, request: LogoutRequest, signed_in: Iterable[SignedIn]) -> bool:
        hint, client = request.hint, request.client
        if hint is None or client is None:
            return False
        return any(self._is_hinted(session, hint, client) for session in signed_in)

    def _is_hinted(self, session: SignedIn, hint: IdTokenHint, client: Client) -> bool:
        if hint.sub != subject_for(session.person, client, self.token_issuer().reference_tokens):
            return False
        known = self.grants.clients_of_session(session.session_id)
        return any((client_id, sid) == (client.client_id, hint.sid) for client_id, sid, _ in known)

    def _end(self, request: LogoutRequest, signed_in: Mapping[str, SignedIn], now: datetime) -> SentBack | Farewell:
        """The browser goes to the client by itself only on a valid hint; the frames of other clients are loaded first."""
        apps = self._apps_of(signed_in.values())
        groups, frames = tuple(signed_in), list[str]()
        for session in signed_in.values():
            frames.extend(self.end_session(session, now, reason="logout").frames)
        address, by_itself = request.return_address, request.hint is not None
        if address is not None and by_itself and not frames:
            return SentBack(groups=groups, address=address)
        return Farewell(
            groups=groups,
            frames=frames,
            client=request.client or (apps[0] if len(apps) == 1 else None),
            address=address,
            by_itself=by_itself and address is not None,
        )

    def _apps_of(self, signed_in: Iterable[SignedIn]) -> Sequence[Client]:
        """The clients that these sessions signed in to, each once."""
        reached = (client for session in signed_in for client, _ in clients_of(session, self.grants, self.clients))
        return list({client.client_id: client for client in reached}.values())
