"""Visit: one browser's request to a page of one interaction, checked and read together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.response import redirect_origin
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.redirect_uri import is_registered
from idp.core.signin.flow import next_step
from idp.core.signin.interaction import Interaction, InteractionLifetime
from idp.core.signin.journey import Journey
from idp.web.cookies import Cookie, digest
from idp.web.errors import PageProblem
from idp.web.journeys import assemble, note_use
from idp.web.language import Language, is_language
from idp.web.pages import speak
from idp.web.services import services

WENT_BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Everything a page needs; `interaction` is as the journey sees it."""

    id: str
    interaction: Interaction
    request: AuthorizationRequest
    client: Client
    journey: Journey
    language: Language
    now: datetime

    @property
    def person_id(self) -> str | None:
        """Who is here, when that person has an account."""
        return self.journey.person.id if self.journey.person else None

    @property
    def base(self) -> str:
        """The address that all pages of this interaction start with."""
        return f"/signin/{self.id}"

    @property
    def app(self) -> str:
        """The client's name in the person's language."""
        return self.client.name_in(self.language)

    @property
    def start_address(self) -> str | None:
        """Where a login begins anew; None for a client that named no address."""
        return self.client.start_address(services().settings.issuer)

    @property
    def client_origin(self) -> str:
        """Where the forms of this interaction may end: the origin, or the scheme, of the client's redirect URI."""
        return redirect_origin(self.request.redirect_uri)

    @property
    def page_context(self) -> dict[str, Any]:
        """What every template of the sign-in shows."""
        return {"base": self.base, "app": self.app}


def enter(interaction_id: str, *, by_person: bool = True) -> Visit:
    """Read the interaction that this browser opened; False for what the page's script asks by itself.

    Raises PageProblem for a foreign, unknown or expired one; the id alone opens nothing.
    """
    known = services()
    now = known.now()
    interaction = find_interaction(interaction_id, now)
    language = _language(interaction, now)
    speak(language)
    client = known.clients.find(interaction.client_id)
    if client is None or client.disabled:
        raise PageProblem("bad_request", detail="the client is gone")
    asked = interaction.request
    if not is_registered(client, asked.redirect_uri):
        raise PageProblem("bad_request", client_id=client.client_id, detail="the redirect URI was taken away meanwhile")
    journey = assemble(asked, client, interaction, now)
    if by_person:
        note_use(journey.session, now)
    if journey.person is not None and journey.person.is_blocked:
        raise PageProblem("blocked", 403, client_id=client.client_id)
    return Visit(
        id=interaction.id,
        interaction=journey.interaction or interaction,
        request=asked,
        client=client,
        journey=journey,
        language=language,
        now=now,
    )


def find_interaction(interaction_id: str, now: datetime) -> Interaction:
    """The row, when this browser's cookie proves that it opened it."""
    known = services()
    secret = known.cookies.read(request, Cookie.BROWSER)
    browser_hash = digest(secret) if secret else ""
    interaction = known.interactions.find(interaction_id, browser_hash, now) if secret else None
    if interaction is None:
        elsewhere = known.interactions.exists_elsewhere(interaction_id, browser_hash, now)
        raise PageProblem(
            "no_cookie" if elsewhere else "expired", client_id=known.interactions.client_of(interaction_id)
        )
    return interaction


def expects(visit: Visit, step_name: str) -> bool:
    """Whether this page is where the person is; if not, the dispatcher knows better."""
    if visit.interaction.outcome is not None:
        return False
    step = next_step(visit.journey)
    return step is not None and step[0].name == step_name


def onward(visit: Visit) -> BaseResponse:
    """303 to the dispatcher; every POST ends here, so that reload and back never submit again (RFC 9700 4.12)."""
    return redirect(onward_address(visit), code=303)


def onward_address(visit: Visit) -> str:
    """The dispatcher. A page that is seen again after the end says so: whoever went back has had the answer.

    A client refuses an answer that it has used. A repeated POST, or a reload of the dispatcher, may have lost the first.
    """
    went_back = visit.interaction.outcome is not None and request.method == "GET"
    return f"{visit.base}?{WENT_BACK}=1" if went_back else visit.base


def acted(visit: Visit) -> None:
    """The person did something: the interaction lives on, up to its absolute end."""
    services().interactions.touch(visit.id, visit.now, lifetime().next_end(visit.interaction, visit.now))


def lifetime() -> InteractionLifetime:
    """As the settings say."""
    sign_in = services().settings.sign_in
    return InteractionLifetime(idle=sign_in.interaction_idle, absolute=sign_in.interaction_absolute)


def _language(interaction: Interaction, now: datetime) -> Language:
    pressed = request.args.get("lang", "")
    if is_language(pressed) and pressed != interaction.language:
        services().interactions.touch(interaction.id, now, interaction.expires_at, language=pressed)
        return pressed
    return interaction.language if is_language(interaction.language) else "sv"
