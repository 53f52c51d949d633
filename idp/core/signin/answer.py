"""Answer: a journey without steps left ends with a grant and its code, once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.core.audit_log import Audit
from idp.core.events import LoginAnswered
from idp.core.ids import new_id
from idp.core.oidc.authorize.response import AuthorizationResponse, success_response
from idp.core.oidc.errors import Redirected
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.tokens.grant import Grant
from idp.core.oidc.tokens.ports import Grants
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions

CODE_LIFETIME = timedelta(seconds=60)
"""FAPI 2.0 Security Profile 5.3.2.1: at most 60 seconds."""
SAME_ANSWER = timedelta(seconds=10)
"""A reload within this time gets the identical response; later the person reads that the login is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Stores the grant and gives the code; from a live session this one row is all that is written.

    Raises Overtaken when another tab, or a second press, ended the same interaction a moment before.
    """

    interactions: Interactions
    grants: Grants
    audit: Audit
    keys: Keys
    issuer: str

    def __call__(self, journey: Journey, now: datetime) -> AuthorizationResponse | Redirected:
        """The response; an error when the pushed request was answered in another login, and with that this one is over."""
        grant = grant_for(journey, now)
        held = self.interactions.hold(journey.interaction, now) if journey.interaction is not None else None
        if not self.grants.open(grant):
            if held is not None:
                self.interactions.finish(held, None, Outcome.LEFT, now)
            return Redirected(
                code="invalid_request_uri",
                description="The pushed authorization request has been used",
                reply_to=journey.request.reply_to,
            )
        if held is not None:
            self.interactions.finish(held, grant.id, Outcome.FINISHED, now)
            # From a live session the grant row itself is the record of what was answered.
            answered = LoginAnswered(
                person_id=grant.person_id,
                client_id=grant.client_id,
                interaction_id=held.id,
                grant_id=grant.id,
                authentication_id=grant.authentication_id,
            )
            self.audit.record(answered, now)
        return self._response(journey, grant.id)

    def again(self, journey: Journey, now: datetime) -> AuthorizationResponse | None:
        """The answer that an ended interaction gave, while a reload may have it.

        Only in the session that got it: the cookie from before the login opens its pages, but a person who has only
        that may have planted it (CWE-384).
        """
        ended, session = journey.ongoing, journey.session
        if ended.outcome is not Outcome.FINISHED or ended.grant_id is None or ended.finished_at is None:
            return None
        if session is None or now - ended.finished_at > SAME_ANSWER:
            return None
        live = self.grants.find_live(ended.grant_id, now)
        return self._response(journey, ended.grant_id) if live and live.grant.session_id == session.id else None

    def _response(self, journey: Journey, grant_id: str) -> AuthorizationResponse:
        """The code is a keyed reference, so the same grant gives the same code."""
        return success_response(journey.request.reply_to, self.keys.reference_tokens.code_for(grant_id), self.issuer)


def grant_for(journey: Journey, now: datetime) -> Grant:
    """What this person, in this login, allows this client. Raises AssertionError while nobody is identified."""
    request, client, person = journey.request, journey.client, journey.person
    identified = journey.interaction.identified if journey.interaction else None
    session = journey.session
    if person is None or (identified is None and session is None):
        raise AssertionError("a journey without steps left has a person")
    session_id = session.id if session else None
    authentication_id = identified.authentication_id if identified else session.authentication.id if session else ""
    refresh_expires_at = _refresh_expires_at(journey, now)
    latest = max(filter(None, (refresh_expires_at, now + CODE_LIFETIME + client.access_token_lifetime)))
    return Grant(
        id=new_id(now),
        client_id=client.client_id,
        person_id=person.id,
        authentication_id=authentication_id,
        session_id=session_id,
        sid=sid_for(session_id, client.client_id) if session_id else None,
        scope=request.scope,
        claims=_without_values(request.claims),
        resources=request.resources,
        customer_id=journey.customer_id,
        redirect_uri=request.redirect_uri,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        dpop_jkt=request.dpop_jkt,
        pushed_reference_hash=request.pushed_reference_hash,
        issued_at=now,
        code_expires_at=now + CODE_LIFETIME,
        offline=_is_offline(journey),
        refresh_expires_at=refresh_expires_at,
        expires_at=latest + timedelta(days=1),
    )


def sid_for(session_id: str, client_id: str) -> str:
    """One session id per session and client, so that clients cannot correlate (Back-Channel Logout 2.1)."""
    return hashlib.sha256(f"{session_id}\n{client_id}".encode()).hexdigest()[:32]


def _without_values(claims: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Which claims were asked for; the values asked for have done their work, and one may be a personal number."""
    return {
        place: {
            name: {"essential": True} if (asked or {}).get("essential") else None for name, asked in requested.items()
        }
        for place, requested in claims.items()
    }


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
