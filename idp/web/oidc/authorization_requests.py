"""Authorization requests: what those that a browser or a client brings are checked against."""

from idp.core.oidc.authorize.validation_context import RequestEnvironment
from idp.web.services import services


def environment() -> RequestEnvironment:
    """What the checks use besides the request."""
    known = services()
    return RequestEnvironment(
        issuer=known.settings.issuer,
        acr=known.settings.bankid.acr,
        clients=known.clients,
        pushed_requests=known.pushed_requests,
        seen_ids=known.seen_ids,
        keys=known.keys,
    )
