"""Answer: turns an authorization response into HTTP, in the mode the client asked for."""

from flask import Response, make_response
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.response import AuthorizationResponse
from idp.core.oidc.errors import Redirected, ReplyTo, ResponseMode
from idp.web.headers import allow_form_action
from idp.web.language import Language
from idp.web.pages import language_of, show
from idp.web.services import services


def answer(
    reply_to: ReplyTo, response: AuthorizationResponse | Redirected, language: Language | None = None
) -> BaseResponse:
    """Redirect with 303, or a page that posts itself; never with 307, which would repeat a form's fields.

    Raises the error that is the response.
    """
    if isinstance(response, Redirected):
        raise response
    if reply_to.response_mode is ResponseMode.FORM_POST:
        return _form_post(reply_to, response, language or language_of())
    redirected = make_response("", 303)
    # Set as it is: a registered address is returned byte for byte, with its own query and escapes.
    redirected.headers["Location"] = response.location
    redirected.autocorrect_location_header = False
    redirected.headers["Cache-Control"] = "no-store"
    return redirected


def tell_native(
    reply_to: ReplyTo, response: AuthorizationResponse | Redirected, app: str, language: Language
) -> Response:
    """A page with a real link: Android's browser tabs leave for an app on a person's tap only (RFC 8252 8.4).

    Raises the error that is the response.
    """
    if isinstance(response, Redirected):
        raise response
    if reply_to.response_mode is ResponseMode.FORM_POST:
        return _form_post(reply_to, response, language)
    return show("signin/handover.html", language, app=app, url=response.location)


def _form_post(reply_to: ReplyTo, response: AuthorizationResponse, language: Language) -> Response:
    client = services().clients.find(reply_to.client_id)
    allow_form_action(response.origin)
    return show(
        "form_post.html",
        language,
        app=client.name_in(language) if client else "",
        action=reply_to.redirect_uri,
        fields=list(response.parameters),
    )
