"""Answer: turns an authorization response into HTTP, in the mode the client asked for."""

from dataclasses import dataclass

from flask import make_response
from werkzeug.wrappers import Response as BaseResponse

from idp.core.languages import Language
from idp.core.oidc.authorize.response import AuthorizationResponse
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.errors import Redirected, ResponseMode
from idp.web.headers import allow_form_action
from idp.web.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAnswers:
    """Sends the browser to the client with its answer."""

    pages: Pages
    clients: Clients

    def send(self, response: AuthorizationResponse | Redirected, language: Language | None = None) -> BaseResponse:
        """Redirect with 303, or a page that posts itself; never with 307, which would repeat a form's fields.

        Raises the error that is the response.
        """
        if isinstance(response, Redirected):
            raise response
        if response.reply_to.response_mode is ResponseMode.FORM_POST:
            return self._form_post(response, language or self.pages.language())
        redirected = make_response("", 303)
        # Set as it is: a registered address is returned byte for byte, with its own query and escapes.
        redirected.headers["Location"] = response.location
        redirected.autocorrect_location_header = False
        redirected.headers["Cache-Control"] = "no-store"
        return redirected

    def show_way_back(self, response: AuthorizationResponse | Redirected, app: str, language: Language) -> BaseResponse:
        """A page with a real link: Android's browser tabs leave for an app on a person's tap only (RFC 8252 8.4).

        Raises the error that is the response.
        """
        if isinstance(response, Redirected):
            raise response
        if response.reply_to.response_mode is ResponseMode.FORM_POST:
            return self._form_post(response, language)
        allow_form_action(response.origin)
        return self.pages.show("signin/return_to_app.html", language, app=app, url=response.location)

    def _form_post(self, response: AuthorizationResponse, language: Language) -> BaseResponse:
        client = self.clients.find(response.reply_to.client_id)
        allow_form_action(response.origin)
        return self.pages.show(
            "form_post.html",
            language,
            app=client.name_in(language) if client else "",
            action=response.reply_to.redirect_uri,
            fields=list(response.parameters),
        )
