"""Session: the browser's standing with us, which gives single sign-on."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.identification.verdict import Verdict
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A live session, read together with the person and the authentication it rests on."""

    id: str
    """Not the cookie: the cookie's secret is stored as a hash only."""
    person: Person
    """With all active customers in `links`; never a blocked one."""
    authentication: Authentication
    verdict: Verdict
    """What that authentication is worth."""
    sso_group: str
    started_at: datetime
    seen_at: datetime
    """When a page was last seen with it; a grant that it gave later counts as well."""
    expires_at: datetime
    """Absolute end, whatever happens."""
    allowed_scope: frozenset[str] = frozenset()
    """What the person allowed the client, for which the session was read, earlier; first parties need nothing of it."""
