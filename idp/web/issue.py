"""Issue: ends a journey with a grant and its code, once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from idp.core.events import LoginAnswered
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.response import AuthorizationResponse, success_response
from idp.core.oidc.errors import Redirected
from idp.core.oidc.tokens.grant import Grant, new_id
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.web.services import services

CODE_LIFETIME = timedelta(seconds=60)
"""FAPI 2.0 Security Profile 5.3.2.1: at most 60 seconds."""


class AnsweredElsewhere(Exception):
    """Another tab, or a second press, finished the same interaction a moment before; the dispatcher knows its answer."""


def issue(journey: Journey, now: datetime) -> AuthorizationResponse:
    """Store the grant and give the code; the fast path writes this one row and nothing else.

    Raises AnsweredElsewhere, or Redirected for a pushed request that has been answered, with nothing stored.
    """
    known = services()
    grant = _grant(journey, now)
    interaction = journey.interaction
    if interaction is not None and not known.interactions.finish(interaction.id, grant.id, Outcome.FINISHED, now):
        raise AnsweredElsewhere
    if not known.grants.open(grant):
        known.unit_of_work.roll_back()
        raise Redirected(
            code="invalid_request_uri",
            description="The pushed authorization request has been used",
            reply_to=journey.request.reply_to,
        )
    if interaction is not None:
        # From a live session the grant row itself is the record of what was answered.
        answered = LoginAnswered(
            person_id=grant.person_id,
            client_id=grant.client_id,
            interaction_id=interaction.id,
            grant_id=grant.id,
            authentication_id=grant.authentication_id,
        )
        known.audit.record(answered, now)
    return reissue(journey.request, grant.id)


def reissue(asked: AuthorizationRequest, grant_id: str) -> AuthorizationResponse:
    """The response for a grant; the code is a keyed reference, so the same grant gives the same code."""
    known = services()
    return success_response(asked.reply_to, known.reference_tokens.code_for(grant_id), known.settings.issuer)


def _without_values(claims: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Which claims were asked for; the values asked for have done their work, and one may be a personal number."""
    return {
        place: {name: {"essential": True} if (wish or {}).get("essential") else None for name, wish in asked.items()}
        for place, asked in claims.items()
    }


def _grant(journey: Journey, now: datetime) -> Grant:
    asked, client, person = journey.request, journey.client, journey.person
    identified = journey.interaction.identified if journey.interaction else None
    session = journey.session
    if person is None or (identified is None and session is None):
        raise AssertionError("a journey without steps left has a person")
    session_id = session.id if session else None
    authentication_id = identified.authentication_id if identified else session.authentication.id if session else ""
    offline = _is_offline(journey)
    refresh_expires_at = _refresh_expires_at(journey, now)
    latest = max(filter(None, (refresh_expires_at, now + CODE_LIFETIME + client.access_token_lifetime)))
    return Grant(
        id=new_id(now),
        client_id=client.client_id,
        person_id=person.id,
        authentication_id=authentication_id,
        session_id=session_id,
        sid=sid_for(session_id, client.client_id) if session_id else None,
        scope=asked.scope,
        claims=_without_values(asked.claims),
        resources=asked.resources,
        customer_id=journey.customer_id,
        redirect_uri=asked.redirect_uri,
        nonce=asked.nonce,
        code_challenge=asked.code_challenge,
        dpop_jkt=asked.dpop_jkt,
        pushed_reference_hash=asked.pushed_reference_hash,
        issued_at=now,
        code_expires_at=now + CODE_LIFETIME,
        offline=offline,
        refresh_expires_at=refresh_expires_at,
        expires_at=latest + timedelta(days=1),
    )


def sid_for(session_id: str, client_id: str) -> str:
    """One session id per session and client, so that clients cannot correlate (Back-Channel Logout 2.1)."""
    return hashlib.sha256(f"{session_id}\n{client_id}".encode()).hexdigest()[:32]


def _may_refresh(journey: Journey) -> bool:
    client = journey.client
    if not client.may_refresh:
        return False
    return client.first_party or "offline_access" in journey.request.scope


def _refresh_expires_at(journey: Journey, now: datetime) -> datetime | None:
    lifetime = journey.client.refresh_lifetime
    if lifetime is None or not _may_refresh(journey):
        return None
    if journey.session is not None and not _is_offline(journey):
        return min(now + lifetime, journey.session.expires_at)
    return now + lifetime


def _is_offline(journey: Journey) -> bool:
    return _may_refresh(journey) and not journey.client.refresh_bound_to_session
