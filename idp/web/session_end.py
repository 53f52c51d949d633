"""Session end: a browser's session is over, whatever the reason, and the clients that it signed in to are told."""

from datetime import datetime

from idp.core.oidc.logout import LoggedOut, SignedIn
from idp.web.services import services


def end_session(session: SignedIn, now: datetime, *, reason: str) -> LoggedOut:
    """End it with its grants; what is left to do is for a page of the browser, if one is shown."""
    return services().end_session(session, now, reason=reason)
