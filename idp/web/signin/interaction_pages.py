"""Interaction pages: how every page of a sign-in begins, with what its browser may know, and how it ends, at the dispatcher."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.languages import DEFAULT, Language
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.response import redirect_origin
from idp.core.oidc.clients.client import Client
from idp.core.oidc.clients.ports import Clients
from idp.core.signin.enter_interaction import AccountBlocked, ClientGone, Entered, EnterInteraction, RedirectUriGone
from idp.core.signin.interaction import Interaction, InteractionLifetime
from idp.core.signin.journey import Journey
from idp.core.signin.next_step import RequiredStep
from idp.core.signin.ports import Interactions
from idp.web.cookies import Cookie, Cookies, digest
from idp.web.error_handlers import PageProblem
from idp.web.headers import allow_form_action
from idp.web.journeys import ReadBrowserJourney
from idp.web.language import is_language
from idp.web.pages import Pages, speak

WENT_BACK = "back"
_LANGUAGE_SWITCH = ("switch", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionContext:
    """One browser's request to a page of one interaction, checked and read together."""

    journey: Journey
    required: RequiredStep | None
    """The step that the person is at; None when the client can be answered, or has been."""
    language: Language
    now: datetime

    @property
    def interaction(self) -> Interaction:
        """As the journey sees it."""
        return self.journey.ongoing

    @property
    def id(self) -> str:
        return self.interaction.id

    @property
    def request(self) -> AuthorizationRequest:
        return self.journey.request

    @property
    def client(self) -> Client:
        return self.journey.client

    @property
    def base(self) -> str:
        """The address that all pages of this interaction start with."""
        return f"/signin/{self.id}"

    @property
    def app(self) -> str:
        """The client's name in the person's language."""
        return self.client.name_in(self.language)

    @property
    def is_over(self) -> bool:
        return self.interaction.outcome is not None

    @property
    def is_identifying(self) -> bool:
        """Whether the person is at a step that an identification leads through."""
        return self.required is not None and self.required.step.identifies

    def is_at(self, step: str) -> bool:
        """Whether the person is at this step; if not, the dispatcher knows better."""
        return self.required is not None and self.required.step.name == step


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionPages:
    """Opens a page for the browser that holds its interaction, shows it, and leads on."""

    pages: Pages
    cookies: Cookies
    interactions: Interactions
    clients: Clients
    read_journey: ReadBrowserJourney
    enter_interaction: EnterInteraction
    lifetime: InteractionLifetime
    issuer: str
    clock: Callable[[], datetime]

    def enter(self, interaction_id: str, *, by_person: bool = True) -> InteractionContext:
        """Read the interaction that this browser opened; False for what the page's script asks by itself.

        Raises PageProblem for a foreign, unknown or expired one; the id alone opens nothing.
        """
        now = self.clock()
        interaction = self._find(interaction_id, now)
        language = self._language(interaction, now)
        speak(language)

        def read(client: Client) -> Journey:
            return self.read_journey(interaction.request, client, interaction, now)

        match self.enter_interaction(interaction, read, now, by_person=by_person):
            case Entered(journey=journey, required=required):
                # Each page's forms may end at the client's redirect URI, those of an error page too.
                allow_form_action(redirect_origin(interaction.request.redirect_uri))
                return InteractionContext(journey=journey, required=required, language=language, now=now)
            case ClientGone():
                raise PageProblem("bad_request", detail="the client is gone")
            case RedirectUriGone():
                detail = "the redirect URI was taken away meanwhile"
                raise PageProblem("bad_request", client_id=interaction.client_id, detail=detail)
            case AccountBlocked():
                raise PageProblem("blocked", 403, client_id=interaction.client_id)

    def _find(self, interaction_id: str, now: datetime) -> Interaction:
        """The row, when this browser's cookie proves that it opened it."""
        secret = self.cookies.read(request, Cookie.BROWSER)
        browser_hash = digest(secret) if secret else ""
        interaction = self.interactions.find(interaction_id, browser_hash, now) if secret else None
        if interaction is None:
            elsewhere = self.interactions.exists_elsewhere(interaction_id, browser_hash, now)
            client_id = self.interactions.client_of(interaction_id)
            raise PageProblem("no_cookie" if elsewhere else "expired", client_id=client_id)
        return interaction

    def _language(self, interaction: Interaction, now: datetime) -> Language:
        pressed = request.args.get("lang", "")
        if is_language(pressed) and pressed != interaction.language:
            self.interactions.touch(interaction.id, now, interaction.expires_at, language=pressed)
            return pressed
        return interaction.language if is_language(interaction.language) else DEFAULT

    def show(self, template: str, context: InteractionContext, **shown: Any) -> Response:
        """Render a page of this interaction."""
        return self.pages.show(
            template,
            context.language,
            base=context.base,
            app=context.app,
            seconds_left=self.seconds_left(context),
            **shown,
        )

    def start_address(self, context: InteractionContext) -> str | None:
        """Where another login begins; None for a client that named no address."""
        return context.client.start_address(self.issuer)

    def acted(self, context: InteractionContext) -> None:
        """The person did something: the interaction lives on, up to its absolute end."""
        until = self.lifetime.next_end(context.interaction, context.now)
        self.interactions.touch(context.id, context.now, until)
        g.interaction_ends_at = until

    def seconds_left(self, context: InteractionContext) -> int:
        """Until the interaction ends, when nothing more is done; never more than it has."""
        ends_at: datetime = g.get("interaction_ends_at", context.interaction.expires_at)
        return max(0, int((ends_at - context.now).total_seconds()))


def wants_other_language() -> bool:
    """Whether a form came only to be seen in the other language, with what was typed so far."""
    name, value = _LANGUAGE_SWITCH
    return request.form.get(name) == value


def onward(context: InteractionContext) -> BaseResponse:
    """303 to the dispatcher; every POST ends here, so that reload and back never submit again (RFC 9700 4.12)."""
    return redirect(onward_address(context), code=303)


def onward_address(context: InteractionContext) -> str:
    """The dispatcher. A page that is seen again after the end says so: a person who went back has had the answer.

    A client refuses an answer that it has used. A repeated POST, or a reload of the dispatcher, may have lost the first.
    """
    went_back = context.is_over and request.method == "GET"
    return f"{context.base}?{WENT_BACK}=1" if went_back else context.base
