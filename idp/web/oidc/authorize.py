"""The authorization endpoint (OpenID Connect Core 3.1.2; RFC 6749 3.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.checks import ReadRequest
from idp.core.oidc.authorize.pushed_request import KeepPostedRequest
from idp.core.signin.answer import Answer
from idp.core.signin.next_step import Flow, is_answered_at_once, refuse_silence
from idp.core.signin.open_interaction import OpenInteraction
from idp.web.answer import ClientAnswers
from idp.web.cookies import Cookie, Cookies, digest, new_secret
from idp.web.error_handlers import PageProblem
from idp.web.journeys import ReadBrowserJourney
from idp.web.oidc.parameters import read_browser_parameters
from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationEndpoint:
    """Answers at once from a live session, or opens an interaction."""

    read_request: ReadRequest
    keep_posted_request: KeepPostedRequest
    read_journey: ReadBrowserJourney
    flow: Flow
    answer: Answer
    open_interaction: OpenInteraction
    client_answers: ClientAnswers
    pages: Pages
    cookies: Cookies
    closed_now: Callable[[datetime], datetime | None]
    """Whether logins are closed for a planned stop, and until when."""
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("authorize", __name__)
        routes.get("/authorize")(self.authorize)
        routes.post("/authorize")(self.posted)
        return routes

    def posted(self) -> BaseResponse:
        """Turn a client's POST into a GET, by a reference as of a pushed request.

        A cross-site POST carries no SameSite=Lax cookie: it knows no session, and a new browser cookie would replace the
        one that a login in another tab is bound to. The GET after it carries both.
        """
        kept = self.keep_posted_request(read_browser_parameters(), self.clock())
        return redirect(f"/authorize?{urlencode(kept)}", code=303)

    def authorize(self) -> BaseResponse:
        """Validate the whole request, then answer it or send the person to the dispatcher.

        Raises PageProblem while no login may begin.
        """
        now = self.clock()
        validated = self.read_request(read_browser_parameters(), now)
        client = validated.client
        journey = self.read_journey(validated.request, client, None, now)
        required = self.flow.next_step(journey)
        if is_answered_at_once(journey, required):
            return self.client_answers.send(self.answer(journey, now))
        refuse_silence(journey, required)
        reopens_at = self.closed_now(now)
        if reopens_at is not None:
            raise PageProblem("maintenance", 503, {"until": reopens_at}, client_id=client.client_id)
        return self._to_the_dispatcher(validated.request)

    def _to_the_dispatcher(self, authorization_request: AuthorizationRequest) -> BaseResponse:
        """The browser holds the cookie that opens the interaction."""
        browser = self.cookies.read(request, Cookie.BROWSER) or new_secret()
        language = self.pages.language(" ".join(authorization_request.ui_locales))
        interaction = self.open_interaction(authorization_request, digest(browser), language)
        response = redirect(f"/signin/{interaction.id}", code=303)
        self.cookies.write(response, Cookie.BROWSER, browser)
        return response
