"""Note the use of a session: a page that is seen with it keeps it from idling out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.signin.ports import Sessions
from idp.core.signin.session import Session

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteUse:
    """One note a minute is enough."""

    sessions: Sessions

    def __call__(self, session: Session | None, now: datetime) -> None:
        if session is not None and now - session.seen_at >= SEEN_EVERY:
            self.sessions.seen(session.id, now)
