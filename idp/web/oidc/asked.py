"""Asked: the authorization request that a browser brought, checked as a whole."""

from datetime import datetime

from idp.core.oidc.authorization_request import AuthorizationRequest
from idp.core.oidc.request import read_request
from idp.web.oidc.parameters import read_browser_parameters
from idp.web.services import services


def read_asked(now: datetime) -> AuthorizationRequest:
    """Read the request of this GET or POST. Raises Displayed or Redirected."""
    known = services()
    return read_request(
        read_browser_parameters(),
        clients=known.clients,
        pushed_requests=known.pushed_requests,
        seen_ids=known.seen_ids,
        hint_keys=known.keyring.verification_keys(),
        issuer=known.settings.issuer,
        acr=known.settings.sign_in.acr,
        now=now,
    )
