"""Open an interaction: the first row of a login that needs a page, bound to the browser that asked."""

import secrets
from dataclasses import dataclass

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.ports import PushedRequests
from idp.core.signin.interaction import Interaction, InteractionLifetime
from idp.core.signin.ports import Interactions


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInteraction:
    """Stores the request; a pushed one is found again by a reload, or a tab that comes back, until the login is answered."""

    interactions: Interactions
    pushed_requests: PushedRequests
    lifetime: InteractionLifetime

    def __call__(self, request: AuthorizationRequest, browser_hash: str, language: str) -> Interaction:
        arrived_at = request.arrived_at
        interaction = Interaction(
            id=secrets.token_urlsafe(16),
            client_id=request.client_id,
            request=request,
            language=language,
            arrived_at=arrived_at,
            acted_at=arrived_at,
            expires_at=self.lifetime.first_end(arrived_at),
            version=0,
        )
        self.interactions.open(interaction, browser_hash)
        if request.pushed_reference_hash is not None:
            until = arrived_at + self.lifetime.absolute
            self.pushed_requests.visit(request.pushed_reference_hash, request.client_id, arrived_at, until)
        return interaction
