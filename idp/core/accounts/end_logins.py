"""End logins: one browser's session, or all of a person's; the clients that were signed in to are told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Sessions
from idp.core.audit_log import Audit
from idp.core.messages import Outbox
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.logout import LoggedOut, SignedIn, conclude_session, end_session
from idp.core.oidc.tokens.ports import Grants
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.people.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """Ends one session with its grants; what is left to do is for a page of the browser, if one is shown."""

    sessions: Sessions
    grants: Grants
    outbox: Outbox
    clients: Clients
    audit: Audit
    token_issuer: Callable[[], TokenIssuer]
    """With the keys as they are now."""

    def __call__(self, session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
        return end_session(
            session,
            sessions=self.sessions,
            grants=self.grants,
            outbox=self.outbox,
            clients=self.clients,
            audit=self.audit,
            token_issuer=self.token_issuer(),
            now=now,
            reason=reason,
        )

    def conclude(self, session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
        """The same for a session that the caller has just ended."""
        return conclude_session(
            session,
            grants=self.grants,
            outbox=self.outbox,
            clients=self.clients,
            audit=self.audit,
            token_issuer=self.token_issuer(),
            now=now,
            reason=reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLogins:
    """Ends every session of a person, in whatever browser; gives their number."""

    sessions: Sessions
    end_session: EndSession

    def __call__(self, person: Person, now: datetime, *, reason: str) -> int:
        ended = self.sessions.end_for_person(person.id, now, reason=reason)
        for session_id in ended:
            self.end_session.conclude(SignedIn(session_id=session_id, person=person), now, reason=reason)
        return len(ended)
