"""Journeys: reads together what one request, this browser and its person amount to, for the steps to decide over."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import request

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest, Prompt
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.errors import Redirected
from idp.core.people.person import Person
from idp.core.signin.flow import next_step
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.session import Session
from idp.web.cookies import Cookie, digest
from idp.web.services import services

_SEEN_EVERY = timedelta(minutes=1)


def assemble(asked: AuthorizationRequest, client: Client, interaction: Interaction | None, now: datetime) -> Journey:
    """Read the session, the person and earlier consent, and put the snapshot together."""
    session = _find_session(client, now)
    interaction = _standing(interaction, session)
    person = _person(interaction, session)
    return Journey(
        request=asked,
        client=client,
        session=session,
        interaction=interaction,
        person=person,
        subject=subject_for(person, client, services().reference_tokens) if person else None,
        allowed_scope=_allowed_scope(person, client, session, now),
        remembered_customer_id=services().cookies.read(request, Cookie.CUSTOMER),
    )


def refuse_silence(journey: Journey) -> None:
    """Raise Redirected when a page is needed and the client wants none (OpenID Connect Core 3.1.2.6)."""
    step = next_step(journey)
    if step is not None and Prompt.NONE in journey.request.prompt:
        raise Redirected(
            code=step[0].refusal,
            description="The person would have to act, and prompt is none",
            detail=step[1],
            reply_to=journey.request.reply_to,
        )


def _find_session(client: Client, now: datetime) -> Session | None:
    """This browser's live session in the client's SSO group."""
    known = services()
    secret = known.cookies.read(request, Cookie.SESSION, client.sso_group)
    if secret is None:
        return None
    return known.sessions.find(digest(secret), client, now, known.settings.sign_in.session_idle)


def note_use(session: Session | None, now: datetime) -> None:
    """A page is a use, too; one note a minute is enough."""
    if session is not None and now - session.seen_at >= _SEEN_EVERY:
        services().sessions.seen(session.id, now)


def _allowed_scope(person: Person | None, client: Client, session: Session | None, now: datetime) -> frozenset[str]:
    if person is None or client.first_party:
        return frozenset()
    if session is not None and session.person.id == person.id:
        return session.allowed_scope
    return services().consents.find(person.id, client.client_id, now)


def _standing(interaction: Interaction | None, session: Session | None) -> Interaction | None:
    """An identification that started a session stands only as long as that session: a logout elsewhere ends it."""
    if interaction is None or interaction.session_id is None:
        return interaction
    if session is not None and session.id == interaction.session_id:
        return interaction
    return replace(interaction, identified=None, session_id=None)


def _person(interaction: Interaction | None, session: Session | None) -> Person | None:
    identified = interaction.identified if interaction else None
    if identified is None:
        return session.person if session else None
    if identified.person_id is None:
        return None
    if session is not None and session.person.id == identified.person_id:
        return session.person
    return services().people.find(identified.person_id)
