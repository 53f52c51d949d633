"""Logout: a session ends, and every client that it signed in to is told.

OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0 and Front-Channel Logout 1.0.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

from idp.core.audit_log import Audit
from idp.core.events import SessionEnded
from idp.core.messages import Outbox
from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.oidc.authorize.validation_context import reference_hash
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.id_token_hint import IdTokenHint, read_id_token_hint
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.diagnosis import no_file, not_registered
from idp.core.oidc.errors import Displayed
from idp.core.oidc.keys.jose import JoseRefused
from idp.core.oidc.parameters import RawParameters
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.people.person import Person

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105 - a media type
LOGOUT_TOKEN_LIFE = timedelta(minutes=2)
BACKCHANNEL_KIND = "backchannel_logout"
"""Kind of the messages in the outbox: {client_id, sub, sid}; the token is made when one is sent."""

KEPT_FOR = timedelta(minutes=10)
"""How long the page stays that asks before it logs out; its form brings everything itself."""
_KEPT_FOR_LOGOUT = "(logout)"
"""Stands where a pushed request has its client's id; no client has such an id."""
_PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """What a client asks for, with its hint and address verified."""

    client: Client | None
    hint: IdTokenHint | None
    redirect_uri: str | None
    """Registered for the client; None when none was asked for or no client is known."""
    state: str | None

    @property
    def return_address(self) -> str | None:
        """Where the person may go on to, state included (RP-Initiated Logout 3)."""
        if self.redirect_uri is None or self.state is None:
            return self.redirect_uri
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode({'state': self.state})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is logged in, in which session."""

    session_id: str
    person: Person = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequests:
    """Reads what clients ask, and decides whether the person is asked as well."""

    clients: Clients
    grants: Grants
    kept_requests: PushedRequests
    token_issuer: Callable[[], TokenIssuer]

    def __call__(self, raw: RawParameters) -> LogoutRequest:
        """Verify what came. Raises Displayed for a bad hint, client or address: nobody is sent anywhere by those."""
        if raw.repeated() & set(_PARAMETERS):
            raise _bad("a parameter is repeated")
        client_id = raw.find("client_id")
        hint = _read_hint(raw.find("id_token_hint"), client_id, self.token_issuer())
        known = client_id or (hint.client_id if hint else None)
        client = self.clients.find(known) if known else None
        if known is not None and (client is None or client.disabled):
            raise _bad("unknown client", diagnosis=no_file(known))
        address = raw.find("post_logout_redirect_uri")
        if client is not None and address is not None and address not in client.post_logout_redirect_uris:
            raise _bad(
                "post_logout_redirect_uri is not registered",
                client.client_id,
                not_registered("post_logout_redirect_uris", [address], client.post_logout_redirect_uris),
            )
        return LogoutRequest(
            client=client, hint=hint, redirect_uri=address if client else None, state=raw.find("state")
        )

    def keep(self, raw: RawParameters, now: datetime) -> str:
        """Keep a request that has been checked; returns the reference under which the GET after it finds it."""
        reference = secrets.token_urlsafe(32)
        kept = {"parameters": list(raw.pairs)}
        self.kept_requests.push(reference_hash(reference), _KEPT_FOR_LOGOUT, kept, now + KEPT_FOR)
        return reference

    def find_kept(self, reference: str, now: datetime) -> RawParameters:
        """The request that was kept. Raises Displayed when it is too old."""
        kept = self.kept_requests.find(reference_hash(reference), _KEPT_FOR_LOGOUT, now)
        if kept is None:
            raise Displayed(code="invalid_request", description="The request is too old", page="error.expired")
        return RawParameters.of((name, value) for name, value in kept["parameters"])

    def needs_confirmation(self, request: LogoutRequest, signed_in: Sequence[SignedIn]) -> bool:
        """Whether the person is asked first: always, unless the hint is of the very session that would end.

        Anybody can send a browser here; only the client that this session signed in to holds such a hint.
        """
        hint, client = request.hint, request.client
        if not signed_in:
            return False
        if hint is None or client is None:
            return True
        return not any(self._is_hinted(session, hint, client) for session in signed_in)

    def apps_of(self, signed_in: Iterable[SignedIn]) -> Sequence[Client]:
        """The clients that these sessions signed in to, each once."""
        reached = (client for session in signed_in for client, _ in _clients_of(session, self.grants, self.clients))
        return list({client.client_id: client for client in reached}.values())

    def _is_hinted(self, session: SignedIn, hint: IdTokenHint, client: Client) -> bool:
        if hint.sub != subject_for(session.person, client, self.token_issuer().reference_tokens):
            return False
        known = self.grants.clients_of_session(session.session_id)
        return any((client_id, sid) == (client.client_id, hint.sid) for client_id, sid, _ in known)


class SessionEnds(Protocol):
    """The one thing a logout does to a session."""

    def end(self, session_id: str, now: datetime, *, reason: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut:
    """What is left for the browser to do."""

    frames: tuple[str, ...]
    """Front-channel addresses to load (Front-Channel Logout 3)."""


def end_session(
    session: SignedIn,
    *,
    sessions: SessionEnds,
    grants: Grants,
    outbox: Outbox,
    clients: Clients,
    audit: Audit,
    token_issuer: TokenIssuer,
    now: datetime,
    reason: str = "logout",
) -> LoggedOut:
    """End the session, once, and all that goes with it."""
    if not sessions.end(session.session_id, now, reason=reason):
        return LoggedOut(frames=tuple(_frames(_clients_of(session, grants, clients), token_issuer.issuer)))
    return conclude_session(
        session,
        grants=grants,
        outbox=outbox,
        clients=clients,
        audit=audit,
        token_issuer=token_issuer,
        now=now,
        reason=reason,
    )


def conclude_session(
    session: SignedIn,
    *,
    grants: Grants,
    outbox: Outbox,
    clients: Clients,
    audit: Audit,
    token_issuer: TokenIssuer,
    now: datetime,
    reason: str,
) -> LoggedOut:
    """End the grants of a session that has just ended, and tell its clients; those that refresh offline keep theirs."""
    reached = _clients_of(session, grants, clients)
    grants.revoke_for_session(session.session_id, now, reason=reason)
    for client, sid in reached:
        if client.backchannel_logout_uri:
            sub = subject_for(session.person, client, token_issuer.reference_tokens)
            key = f"{BACKCHANNEL_KIND}:{session.session_id}:{client.client_id}"
            outbox.put(BACKCHANNEL_KIND, key, {"client_id": client.client_id, "sub": sub, "sid": sid}, now)
    audit.record(SessionEnded(person_id=session.person.id, session_id=session.session_id, reason=reason), now)
    return LoggedOut(frames=tuple(_frames(reached, token_issuer.issuer)))


def logout_token(client: Client, *, sub: str, sid: str, token_issuer: TokenIssuer, now: datetime) -> str:
    """What tells a client in the back channel that a session is over (Back-Channel Logout 2.4); never with a nonce."""
    claims: dict[str, Any] = {
        "iss": token_issuer.issuer,
        "sub": sub,
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LOGOUT_TOKEN_LIFE).timestamp()),
        "jti": secrets.token_urlsafe(16),
        "events": {LOGOUT_EVENT: {}},
        "sid": sid,
    }
    return token_issuer.sign(LOGOUT_TOKEN_TYPE, claims, client.id_token_signed_response_alg, now)


def _read_hint(hint: str | None, client_id: str | None, token_issuer: TokenIssuer) -> IdTokenHint | None:
    if hint is None:
        return None
    try:
        return read_id_token_hint(
            hint, keys=token_issuer.keyring.verification_keys(), issuer=token_issuer.issuer, client_id=client_id
        )
    except JoseRefused as refused:
        raise _bad(f"id_token_hint: {refused.reason}", diagnosis=refused.diagnosis) from None


def _bad(detail: str, client_id: str | None = None, diagnosis: str = "") -> Displayed:
    return Displayed(
        code="invalid_request",
        description="The logout request is not valid",
        detail=detail,
        diagnosis=diagnosis,
        client_id=client_id,
    )


def _clients_of(session: SignedIn, grants: Grants, clients: Clients) -> list[tuple[Client, str]]:
    known = grants.clients_of_session(session.session_id)
    return [(client, sid) for client_id, sid, _ in known if (client := clients.find(client_id)) is not None]


def _frames(reached: Iterable[tuple[Client, str]], issuer: str) -> Iterable[str]:
    for client, sid in reached:
        address = client.frontchannel_logout_uri
        if address:
            yield f"{address}{'&' if '?' in address else '?'}{urlencode({'iss': issuer, 'sid': sid})}"
