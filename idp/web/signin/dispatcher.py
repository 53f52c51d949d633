"""The dispatcher: every page of a sign-in ends here, and here alone it is decided where the person goes."""

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.answer import Answer
from idp.core.signin.device import recognise
from idp.core.signin.identify import Blocked, Caller, Identify, NobodyYet, Recognised, Rejected, SomebodyElse, Unknown
from idp.core.signin.interaction import Outcome
from idp.core.signin.next_step import refuse_silence
from idp.core.signin.require_step import RequireStep
from idp.core.signin.tell_of_login import Visit
from idp.web.answer import ClientAnswers
from idp.web.client_address import ReadCallerAddress
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.error_handlers import PageProblem
from idp.web.signin.interaction_pages import WENT_BACK, InteractionContext, InteractionPages


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """Moves on what has been proved already; starts nothing, so a prefetch or a restored tab does no harm."""

    pages: InteractionPages
    identify: Identify
    require_step: RequireStep
    answer: Answer
    client_answers: ClientAnswers
    caller_address: ReadCallerAddress

    def blueprint(self) -> Blueprint:
        routes = Blueprint("signin_next", __name__)
        routes.get("/signin/<interaction_id>")(self.next_page)
        return routes

    def next_page(self, interaction_id: str) -> BaseResponse:
        """Walk the steps from the top and send the person to the first that is needed, or answer the client."""
        context = self.pages.enter(interaction_id)
        if context.is_over:
            return self._ended(context)
        identified = self._identify(context) if context.is_identifying else None
        if identified is not None:
            return identified
        if context.required is None:
            return self._finish(context)
        refuse_silence(context.journey, context.required)
        self.require_step(context.journey, *context.required, context.now)
        return redirect(f"{context.base}/{context.required.step.name}", code=303)

    def _identify(self, context: InteractionContext) -> BaseResponse | None:
        """Send the person back here, with a new session cookie when somebody known was identified; None when nobody was."""
        cookies, secret = self.pages.cookies, new_secret()
        known = cookies.read(request, Cookie.KNOWN) or new_secret()
        match self.identify(context.journey, self._caller(secret, known), context.now):
            case NobodyYet():
                return None
            case Recognised():
                response = redirect(context.base, code=303)
                cookies.write(response, Cookie.SESSION, secret, context.client.sso_group)
                cookies.write(response, Cookie.KNOWN, known)
                return response
            case Unknown() | Rejected():
                return redirect(context.base, code=303)
            case SomebodyElse():
                return redirect(f"{context.base}/again?other=1", code=303)
            case Blocked():
                raise PageProblem("blocked", 403, client_id=context.client.client_id)

    def _caller(self, session_secret: str, known: str) -> Caller:
        browser = self.pages.cookies.read(request, Cookie.BROWSER)
        return Caller(
            session_hash=digest(session_secret),
            browser_hash=digest(browser) if browser else "",
            visit=Visit(
                cookie_hash=digest(known),
                device=recognise(request.user_agent.string),
                networks=self.caller_address().networks,
            ),
        )

    def _finish(self, context: InteractionContext) -> BaseResponse:
        if context.client.is_native:
            return redirect(f"{context.base}/return_to_app", code=303)
        return self.client_answers.send(self.answer(context.journey, context.now), context.language)

    def _ended(self, context: InteractionContext) -> BaseResponse:
        """The same answer for a moment, then a page that says that the login is over."""
        response = None if WENT_BACK in request.args else self.answer.again(context.journey, context.now)
        if response is not None and context.client.is_native:
            return self.client_answers.show_way_back(response, context.app, context.language)
        if response is not None:
            return self.client_answers.send(response, context.language)
        start_address = self.pages.start_address(context)
        if context.interaction.outcome is Outcome.LEFT:
            back_url = context.client.client_uri
            return self.pages.show(
                "signin/cancelled.html", context, over=True, start_url=start_address, back_url=back_url
            )
        return self.pages.show("signin/already_signed_in.html", context, continue_url=start_address)
