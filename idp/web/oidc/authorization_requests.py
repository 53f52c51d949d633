"""Asked: the authorization request that a browser brought, checked as a whole, and what it is checked against."""

from datetime import datetime

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.request import read_request
from idp.core.oidc.authorize.validation_context import Circumstances
from idp.web.oidc.parameters import read_browser_parameters
from idp.web.services import services


def read_asked(now: datetime) -> AuthorizationRequest:
    """Read the request that this query brings. Raises Displayed or Redirected."""
    return read_request(read_browser_parameters(), circumstances(now))


def circumstances(now: datetime) -> Circumstances:
    """What a request, pushed or brought by a browser, is held against."""
    known = services()
    return Circumstances(
        issuer=known.settings.issuer,
        acr=known.settings.sign_in.acr,
        clients=known.clients,
        pushed_requests=known.pushed_requests,
        seen_ids=known.seen_ids,
        hint_keys=known.keyring.verification_keys(),
        now=now,
    )
