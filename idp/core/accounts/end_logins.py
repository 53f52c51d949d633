"""End logins: all of a person's sessions; the clients that were signed in to are told."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.accounts.ports import Sessions
from idp.core.oidc.logout.end_session import EndSession, SignedIn
from idp.core.people.person import Person


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
