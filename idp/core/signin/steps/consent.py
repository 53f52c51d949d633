"""Ask whether a client may have what it asks for ("Får {app} använda dina uppgifter?")."""

from typing import ClassVar

from idp.core.oidc.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.claims_request import scope_of
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


def asked_scope(request: AuthorizationRequest) -> frozenset[str]:
    """Everything the person is asked about: scopes, and the scopes that cover claims requested by name."""
    named = {name for place in ("id_token", "userinfo") for name in request.claims.get(place) or ()}
    return frozenset(request.scope) | {scope for scope in map(scope_of, named) if scope is not None}


class Consent:
    """The client is not ours and wants more than the person allowed, or it asks us to ask."""

    name: ClassVar[str] = "consent"
    refusal: ClassVar[str] = "consent_required"

    def pending(self, journey: Journey) -> Reason | None:
        answered = journey.interaction.consented if journey.interaction else None
        if Prompt.CONSENT in journey.request.prompt and answered is None:
            return Reason.PROMPT_CONSENT
        if journey.client.first_party:
            return None
        allowed = journey.allowed_scope | frozenset(answered.scope if answered else ())
        return None if asked_scope(journey.request) <= allowed else Reason.SCOPES_MISSING
