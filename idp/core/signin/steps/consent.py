"""Ask whether a client may have what it asks for ("Får {app} använda dina uppgifter?")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, assert_never
from urllib.parse import urlsplit

from idp.core.audit_log import Audit
from idp.core.events import ConsentAllowed, ConsentDenied
from idp.core.evidence.bundle import Act, ActKind
from idp.core.evidence.ports import Evidence
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.claims.scopes import CUSTOMER, PHONE
from idp.core.oidc.claims.table import consent_items, consent_word
from idp.core.oidc.clients.client import Client
from idp.core.oidc.errors import ErrorCode, Redirected
from idp.core.people.person import Person
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Consents, Interactions
from idp.core.signin.step import Reason


def requested_scope(request: AuthorizationRequest, client: Client) -> frozenset[str]:
    """Everything the person is asked about: scopes, and for claims requested by name their scopes or themselves.

    Not about a telephone number that the client never gets: an Allow must not cover what nobody has read.
    """
    named = {name for place in ("id_token", "userinfo") for name in request.claims.get(place) or ()}
    words = frozenset(request.scope) | {word for word in map(consent_word, named) if word is not None}
    return words if client.unconfirmed_contact_allowed else words - {PHONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the person is asked about, as the page says it."""

    host: str | None
    """Where what is told goes; None for an app, which has no host."""
    policy_uri: str | None
    """How the client treats it."""
    tos_uri: str | None
    items: tuple[str, ...]
    """Keys of the consent page's words."""
    details: Mapping[str, str]
    """Which e-mail address, which number, which company: by item, where it is known."""


def asked(journey: Journey) -> Asked:
    """An address that nobody confirmed is named as such, where the client gets it only later."""
    client, person = journey.client, journey.person
    items = consent_items(requested_scope(journey.request, client))
    if person is not None and not (person.email_confirmed or client.unconfirmed_contact_allowed):
        items = tuple("email_once_confirmed" if item == "email" else item for item in items)
    return Asked(
        host=urlsplit(journey.request.redirect_uri).hostname,
        policy_uri=client.policy_uri,
        tos_uri=client.tos_uri,
        items=items,
        details=_details(person, journey.customer_id) if person is not None else {},
    )


def _details(person: Person, customer_id: str | None) -> Mapping[str, str]:
    contact, customer = person.contact, person.link_to(customer_id) if customer_id is not None else None
    by_contact = {} if contact is None else {
        "email": str(contact.email), "email_once_confirmed": str(contact.email), "phone": str(contact.phone),
    }  # fmt: skip
    return by_contact | ({} if customer is None else {"customer": f"{customer.name}, {customer.number}"})


def consent_for(journey: Journey) -> frozenset[str]:
    """What an Allow covers: what is asked, and of the person's companies the one that this login is about."""
    requested = requested_scope(journey.request, journey.client)
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
    evidence: Evidence
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
            act = Act(
                kind=ActKind.CONSENT,
                at=now,
                person_id=journey.person.id,
                customer_id=journey.customer_id,
                client_id=client_id,
                facts={"scope": scope},
            )
            self.evidence.keep_act(act, authentication_id=journey.authentication_id, now=now)
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
