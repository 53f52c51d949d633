"""Identification in a sign-in: why it is needed, for what, and what a person reads about it."""

import hashlib
from datetime import timedelta
from typing import Final

from idp.core.identification.method import Identification
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.claims.claims_request import find_essential_acrs
from idp.core.oidc.clients.client import Client
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


class ReasonToIdentify(Reason):
    """Why somebody must identify."""

    NO_SESSION = "no_session"
    PROMPT_LOGIN = "prompt_login"
    MAX_AGE = "max_age"
    OTHER_PERSON_HINTED = "other_person_hinted"
    ANOTHER_LEVEL = "another_level"
    """The client demands an authentication context class that the last identification has not reached."""
    ASKED_BY_PERSON = "asked_by_person"
    BEFORE_A_NEW_CUSTOMER = "before_a_new_customer"
    """A company is linked to who has just identified, and not to whoever sits before a session."""


FRESH_FOR_LINKING: Final = timedelta(minutes=10)
IDENTIFY_AGAIN: Final = "identify_again"
"""What the person asked for, in the interaction's `passed`."""


def reason_to_identify(journey: Journey) -> ReasonToIdentify | None:
    """Why somebody must identify now: nobody did, or not freshly enough, or somebody else is meant.

    Measured at the request's arrival, not now: otherwise max_age=0 would ask again on every redirect.
    """
    identified_at = journey.identified_at
    if identified_at is None:
        return ReasonToIdentify.NO_SESSION
    asked_at = journey.interaction.passed.get(IDENTIFY_AGAIN) if journey.interaction else None
    if asked_at is not None and identified_at <= asked_at:
        return ReasonToIdentify.ASKED_BY_PERSON
    wanted_at = journey.new_customer_wanted_at
    if wanted_at is not None and wanted_at - identified_at > FRESH_FOR_LINKING:
        return ReasonToIdentify.BEFORE_A_NEW_CUSTOMER
    arrived_at = journey.request.arrived_at
    if _login_is_demanded(journey) and identified_at <= arrived_at:
        return ReasonToIdentify.PROMPT_LOGIN
    max_age = journey.request.max_age
    if max_age is not None and (arrived_at - identified_at).total_seconds() > max_age:
        return ReasonToIdentify.MAX_AGE
    if journey.is_another_person:
        return ReasonToIdentify.OTHER_PERSON_HINTED
    return ReasonToIdentify.ANOTHER_LEVEL if _is_of_another_level(journey) else None


def has_identified_another_person(journey: Journey) -> bool:
    """Somebody has identified in this interaction, and the client meant somebody else: the page says so."""
    return journey.ongoing.identified is not None and journey.is_another_person


def identification_for(journey: Journey, reason: Reason) -> Identification:
    """The identification that this interaction owns; it bears the interaction's id."""
    interaction = journey.ongoing
    return Identification(
        id=interaction.id,
        reason=reason,
        binding=binding(interaction),
        expected=journey.request.hinted_identity,
    )


def binding(interaction: Interaction) -> bytes:
    """What is signed unseen, so that the stored signature proves which login was approved.

    SHA-256, as 64 ASCII hex digits, over the interaction and the request: its client, redirect URI, nonce and state.
    """
    request = interaction.request
    state_hash = hashlib.sha256((request.state or "").encode()).hexdigest()
    bound = "\n".join((interaction.id, interaction.client_id, request.redirect_uri, request.nonce or "", state_hash))
    return hashlib.sha256(bound.encode()).hexdigest().encode("ascii")


def intention_for(client: Client, request: AuthorizationRequest, language: str, house_text: str) -> str:
    """What the person approves: the service's name and a warning, never the client's words unless it may."""
    template = client.intention.get(language)
    text = template.replace("{app}", client.name_in(language)) if template else house_text
    message = request.user_message_in(language)
    return f"{text}\n\n{message}" if message and client.user_message_allowed else text


def _is_of_another_level(journey: Journey) -> bool:
    """OpenID Connect Core 5.5.1.1. Somebody without a session has no account, and will identify once more."""
    demanded = find_essential_acrs(journey.request.claims)
    return bool(demanded) and journey.session is not None and journey.session.authentication.acr not in demanded


def _login_is_demanded(journey: Journey) -> bool:
    prompt = journey.request.prompt
    return Prompt.LOGIN in prompt or (journey.client.reidentify_without_prompt and not prompt)
