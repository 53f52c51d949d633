"""Journeys: what one request, this browser and its person amount to, read for the steps to decide over."""

from datetime import datetime, timedelta

from flask import request

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.read_journey import ReadJourney
from idp.core.signin.session import Session
from idp.web.cookies import Cookie, digest
from idp.web.services import services

_SEEN_EVERY = timedelta(minutes=1)


def assemble(asked: AuthorizationRequest, client: Client, interaction: Interaction | None, now: datetime) -> Journey:
    """Read the journey with this browser's cookies."""
    known = services()
    read = ReadJourney(
        sessions=known.sessions,
        people=known.people,
        consents=known.consents,
        keys=known.keys,
        session_idle=known.settings.sign_in.session_idle,
    )
    secret = known.cookies.read(request, Cookie.SESSION, client.sso_group)
    return read(
        asked,
        client,
        interaction,
        session_cookie_hash=digest(secret) if secret else None,
        remembered_customer_id=known.cookies.read(request, Cookie.CUSTOMER),
        now=now,
    )


def note_use(session: Session | None, now: datetime) -> None:
    """A page is a use, too; one note a minute is enough."""
    if session is not None and now - session.seen_at >= _SEEN_EVERY:
        services().sessions.seen(session.id, now)
