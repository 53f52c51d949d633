"""The dispatcher: every page of a sign-in ends here, and here alone it is decided where the person goes."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.flow import next_step, refuse_silence
from idp.core.signin.interaction import Outcome
from idp.core.signin.require_step import RequireStep
from idp.web.answer import answer, tell_native
from idp.web.issue import answers
from idp.web.pages import show
from idp.web.services import services
from idp.web.signin.identification import identify
from idp.web.signin.visit import WENT_BACK, Visit, enter, expects

blueprint = Blueprint("signin_next", __name__)


@blueprint.get("/signin/<interaction_id>")
def next_page(interaction_id: str) -> BaseResponse:
    """Walk the steps from the top and send the person to the first that is needed, or answer the client.

    It only moves on what has been proved already; it starts nothing, so a prefetch or a restored tab does no harm.
    """
    visit = enter(interaction_id)
    if visit.interaction.outcome is not None:
        return _ended(visit)
    if expects(visit, "bankid") or expects(visit, "again"):
        order = services().orders.current(visit.id)
        if order is not None and order.is_ready:
            return identify(visit, order)
    return go_on(visit)


def go_on(visit: Visit) -> BaseResponse:
    """The next page, or the answer."""
    step = next_step(visit.journey)
    if step is None:
        return _finish(visit)
    refuse_silence(visit.journey)
    RequireStep(audit=services().audit)(visit.journey, *step, visit.now)
    return redirect(f"{visit.base}/{step[0].name}", code=303)


def _finish(visit: Visit) -> BaseResponse:
    if visit.client.is_native:
        return redirect(url_for("signin_handover.page", interaction_id=visit.id), code=303)
    return answer(visit.request.reply_to, answers()(visit.journey, visit.now), visit.language)


def _ended(visit: Visit) -> Response | BaseResponse:
    response = None if WENT_BACK in request.args else answers().again(visit.journey, visit.now)
    if response is not None and visit.client.is_native:
        return tell_native(visit.request.reply_to, response, visit.app, visit.language)
    if response is not None:
        return answer(visit.request.reply_to, response, visit.language)
    if visit.interaction.outcome is Outcome.LEFT:
        return show(
            "signin/cancelled.html",
            visit.language,
            **visit.page_context,
            over=True,
            start_url=visit.start_address,
            back_url=visit.client.client_uri,
        )
    return show("signin/already_signed_in.html", visit.language, app=visit.app, continue_url=visit.start_address)
