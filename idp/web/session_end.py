"""Session end: a browser's session is over, whatever the reason, and the clients that it signed in to are told."""

from datetime import datetime

from idp.core.oidc.logout import LoggedOut, SignedIn
from idp.core.oidc.logout import end_session as end
from idp.web.services import services


def end_session(session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
    """End it with its grants; what is left to do is for a page of the browser, if one is shown."""
    known = services()
    return end(
        session,
        sessions=known.sessions,
        grants=known.grants,
        outbox=known.outbox,
        clients=known.clients,
        audit=known.audit,
        token_issuer=known.token_issuer,
        now=now,
        reason=reason,
    )
