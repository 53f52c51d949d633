"""Ask whether a client may have what it asks for ("Får {app} använda dina uppgifter?")."""

from typing import ClassVar

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.claims.table import consent_word
from idp.core.oidc.errors import ErrorCode
from idp.core.oidc.scopes import CUSTOMER
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


def asked_scope(request: AuthorizationRequest) -> frozenset[str]:
    """Everything the person is asked about: scopes, and for claims requested by name their scopes or themselves."""
    named = {name for place in ("id_token", "userinfo") for name in request.claims.get(place) or ()}
    return frozenset(request.scope) | {word for word in map(consent_word, named) if word is not None}


def consent_for(journey: Journey) -> frozenset[str]:
    """What an Allow covers: what is asked, and of the person's companies the one that this login is about."""
    asked = asked_scope(journey.request)
    if CUSTOMER not in asked or journey.customer_id is None:
        return asked
    return asked | {f"{CUSTOMER}:{journey.customer_id}"}


class Consent:
    """The client is not ours and wants more than the person allowed, or it asks us to ask."""

    name: ClassVar[str] = "consent"
    refusal: ClassVar[ErrorCode] = "consent_required"

    def pending(self, journey: Journey) -> Reason | None:
        """What was allowed is read from the person's own memory: an interaction can change hands, its answers must not."""
        if Prompt.CONSENT in journey.request.prompt and not self._is_answered(journey):
            return Reason.PROMPT_CONSENT
        if journey.client.first_party:
            return None
        return None if consent_for(journey) <= journey.allowed_scope else Reason.SCOPES_MISSING

    @staticmethod
    def _is_answered(journey: Journey) -> bool:
        """An answer from before the last identification may be somebody else's."""
        answered = journey.interaction.consented if journey.interaction else None
        identified_at = journey.identified_at
        return answered is not None and identified_at is not None and answered.at >= identified_at
