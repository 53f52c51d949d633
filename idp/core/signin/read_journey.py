"""Read a journey: the session, the person and what was allowed earlier, put together for the steps to decide over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.keys.ports import Keys
from idp.core.people.person import Person
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Consents, People, Sessions
from idp.core.signin.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJourney:
    """Reads; from a live session one statement is enough."""

    sessions: Sessions
    people: People
    consents: Consents
    keys: Keys
    session_idle: timedelta

    def __call__(
        self,
        request: AuthorizationRequest,
        client: Client,
        interaction: Interaction | None,
        *,
        session_cookie_hash: str | None,
        remembered_customer_id: str | None,
        now: datetime,
    ) -> Journey:
        """`session_cookie_hash` is of the cookie for the client's single sign-on group."""
        session = (
            self.sessions.find(session_cookie_hash, client, now, self.session_idle) if session_cookie_hash else None
        )
        interaction = standing(interaction, session)
        person = self._person(interaction, session)
        if person is None and interaction is not None:
            interaction = without_the_gone(interaction)
        return Journey(
            request=request,
            client=client,
            session=session,
            interaction=interaction,
            person=person,
            subject=subject_for(person, client, self.keys.reference_tokens) if person else None,
            allowed_scope=self._allowed_scope(person, client, session, now),
            remembered_customer_id=remembered_customer_id,
        )

    def _person(self, interaction: Interaction | None, session: Session | None) -> Person | None:
        identified = interaction.identified if interaction else None
        if identified is None:
            return session.person if session else None
        if identified.person_id is None:
            return None
        if session is not None and session.person.id == identified.person_id:
            return session.person
        return self.people.find(identified.person_id)

    def _allowed_scope(
        self, person: Person | None, client: Client, session: Session | None, now: datetime
    ) -> frozenset[str]:
        if person is None or client.first_party:
            return frozenset()
        if session is not None and session.person.id == person.id:
            return session.allowed_scope
        return self.consents.find(person.id, client.client_id, now)


def standing(interaction: Interaction | None, session: Session | None) -> Interaction | None:
    """An identification that started a session stands only as long as that session: a logout elsewhere ends it."""
    if interaction is None or interaction.session_id is None:
        return interaction
    if session is not None and session.id == interaction.session_id:
        return interaction
    return replace(interaction, identified=None, session_id=None)


def without_the_gone(interaction: Interaction) -> Interaction:
    """An identification of an account that was erased since stands for nobody."""
    if interaction.identified is None or interaction.identified.person_id is None:
        return interaction
    return replace(interaction, identified=None, session_id=None)
