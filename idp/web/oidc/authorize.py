"""The authorization endpoint (OpenID Connect Core 3.1.2; RFC 6749 3.1)."""

from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect
from werkzeug.wrappers import Response as BaseResponse

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.authorize.checks import ReadRequest
from idp.core.oidc.authorize.pushed_request import KeepPostedRequest
from idp.core.oidc.clients.client import Client
from idp.core.signin.flow import next_step, refuse_silence
from idp.web.answer import answer
from idp.web.issue import answers
from idp.web.journeys import assemble
from idp.web.oidc.authorization_requests import environment
from idp.web.oidc.parameters import read_browser_parameters
from idp.web.services import services
from idp.web.signin.opening import open_interaction

blueprint = Blueprint("authorize", __name__)


@blueprint.post("/authorize")
def posted() -> BaseResponse:
    """Turn a client's POST into a GET, by a reference as of a pushed request.

    A cross-site POST carries no SameSite=Lax cookie: it knows no session, and a new browser cookie would replace the
    one that a login in another tab is bound to. The GET after it carries both.
    """
    kept = KeepPostedRequest(environment())(read_browser_parameters(), services().now())
    return redirect(f"/authorize?{urlencode(kept)}", code=303)


@blueprint.get("/authorize")
def authorize() -> BaseResponse:
    """Validate the whole request, then answer at once from a live session or open an interaction."""
    now = services().now()
    validated = ReadRequest(environment())(read_browser_parameters(), now)
    request, client = validated.request, validated.client
    journey = assemble(request, client, None, now)
    if next_step(journey) is None and not client.is_native:
        return answer(request.reply_to, answers()(journey, now))
    refuse_silence(journey)
    return _to_the_dispatcher(request, client)


def _to_the_dispatcher(authorization_request: AuthorizationRequest, client: Client) -> BaseResponse:
    response = make_response(redirect("", code=303))
    interaction_id = open_interaction(authorization_request, client, response)
    _keep_the_reference(authorization_request)
    response.headers["Location"] = f"/signin/{interaction_id}"
    return response


def _keep_the_reference(authorization_request: AuthorizationRequest) -> None:
    """A reload, or a tab that comes back, finds the pushed request again until the login is answered."""
    if authorization_request.pushed_reference_hash is not None:
        known = services()
        until = authorization_request.arrived_at + known.settings.sign_in.interaction_absolute
        known.pushed_requests.visit(
            authorization_request.pushed_reference_hash,
            authorization_request.client_id,
            authorization_request.arrived_at,
            until,
        )
