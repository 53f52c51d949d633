"""Ask whether a client may have what it asks for ("Får {app} använda dina uppgifter?")."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, assert_never

from idp.core.audit import Audit
from idp.core.events import ConsentAllowed, ConsentDenied
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.claims.table import consent_word
from idp.core.oidc.errors import ErrorCode, Redirected
from idp.core.oidc.scopes import CUSTOMER
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Consents, Interactions
from idp.core.signin.step import Reason


def requested_scope(request: AuthorizationRequest) -> frozenset[str]:
    """Everything the person is asked about: scopes, and for claims requested by name their scopes or themselves."""
    named = {name for place in ("id_token", "userinfo") for name in request.claims.get(place) or ()}
    return frozenset(request.scope) | {word for word in map(consent_word, named) if word is not None}


def consent_for(journey: Journey) -> frozenset[str]:
    """What an Allow covers: what is asked, and of the person's companies the one that this login is about."""
    requested = requested_scope(journey.request)
    if CUSTOMER not in requested or journey.customer_id is None:
        return requested
    return requested | {f"{CUSTOMER}:{journey.customer_id}"}


class ReasonToAsk(Reason):
    """Why the person is asked."""

    PROMPT_CONSENT = "prompt_consent"
    SCOPES_MISSING = "scopes_missing"


class Consent:
    """The client is not ours and wants more than the person allowed, or it asks us to ask."""

    name: ClassVar[str] = "consent"
    refusal: ClassVar[ErrorCode] = "consent_required"
    identifies: ClassVar[bool] = False

    def pending(self, journey: Journey) -> Reason | None:
        """What was allowed is read from the person's own memory: an interaction can change hands, its answers must not."""
        if Prompt.CONSENT in journey.request.prompt and not journey.has_passed(self.name):
            return ReasonToAsk.PROMPT_CONSENT
        if journey.client.first_party:
            return None
        return None if consent_for(journey) <= journey.allowed_scope else ReasonToAsk.SCOPES_MISSING


class Decision(StrEnum):
    """The person's answer."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The client may have what it asked for, now and later."""

    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The interaction is over, and nothing is remembered."""

    error: Redirected
    """What the client is answered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideConsent:
    """Remembers an Allow; a Don't allow ends the interaction. Raises Overtaken."""

    interactions: Interactions
    consents: Consents
    audit: Audit
    lifetime: timedelta
    """How long an Allow is remembered."""

    def __call__(self, journey: Journey, decision: Decision, now: datetime) -> Allowed | Denied:
        match decision:
            case Decision.ALLOW:
                return self._allow(journey, now)
            case Decision.DENY:
                return self._deny(journey, now)
            case _:
                assert_never(decision)

    def _allow(self, journey: Journey, now: datetime) -> Allowed:
        scope, client_id = tuple(sorted(consent_for(journey))), journey.client.client_id
        self.interactions.record_passed(journey.ongoing, Consent.name, now)
        if journey.person is not None:
            self.consents.allow(journey.person.id, client_id, scope, now, now + self.lifetime)
            allowed = ConsentAllowed(person_id=journey.person.id, client_id=client_id, scope=scope)
            self.audit.record(allowed, now)
        return Allowed(scope=scope)

    def _deny(self, journey: Journey, now: datetime) -> Denied:
        interaction = journey.ongoing
        self.interactions.finish(interaction, None, Outcome.LEFT, now)
        denied = ConsentDenied(
            person_id=journey.person_id, client_id=journey.client.client_id, interaction_id=interaction.id
        )
        self.audit.record(denied, now)
        return Denied(
            error=Redirected(
                code="access_denied",
                description="The person did not allow the request",
                reply_to=journey.request.reply_to,
            )
        )
