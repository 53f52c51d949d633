"""The dispatcher: every page of a sign-in ends here, and here alone it is decided where the person goes."""

from datetime import timedelta

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from idp.core.events import StepRequired
from idp.core.signin.flow import next_step
from idp.core.signin.interaction import Outcome
from idp.core.signin.step import Reason, Step
from idp.web.answer import answer, tell_native
from idp.web.issue import AnsweredElsewhere, issue, reissue
from idp.web.journeys import refuse_silence
from idp.web.pages import show
from idp.web.services import services
from idp.web.signin.identification import identify
from idp.web.signin.visit import WENT_BACK, Visit, enter, expects

blueprint = Blueprint("signin_next", __name__)

_SAME_ANSWER = timedelta(seconds=10)
"""A reload within this time gets the identical response; later the person reads that the login is over."""


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
    if visit.journey.identified_at is not None:  # a stranger could have rows kept for a year by reloading a page
        _note_required(visit, *step)
    return redirect(f"{visit.base}/{step[0].name}", code=303)


def _note_required(visit: Visit, step: Step, reason: Reason) -> None:
    required = StepRequired(
        person_id=visit.person_id,
        client_id=visit.client.client_id,
        interaction_id=visit.id,
        step=step.name,
        reason=reason,
    )
    services().audit.record(required, visit.now)


def _finish(visit: Visit) -> BaseResponse:
    if visit.client.is_native:
        return redirect(url_for("signin_handover.page", interaction_id=visit.id), code=303)
    try:
        response = issue(visit.journey, visit.now)
    except AnsweredElsewhere:
        return redirect(visit.base, code=303)
    return answer(visit.request.reply_to, response, visit.language)


def _ended(visit: Visit) -> Response | BaseResponse:
    finished_at = visit.interaction.finished_at
    recent = finished_at is not None and visit.now - finished_at <= _SAME_ANSWER
    if (
        recent
        and WENT_BACK not in request.args
        and visit.interaction.outcome is Outcome.FINISHED
        and visit.interaction.grant_id
        and _is_of_this_session(visit.interaction.grant_id, visit)
    ):
        response = reissue(visit.request, visit.interaction.grant_id)
        if visit.client.is_native:
            return tell_native(visit.request.reply_to, response, visit.app, visit.language)
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


def _is_of_this_session(grant_id: str, visit: Visit) -> bool:
    """The cookie from before the login opens its pages, but who has only that may have planted it (CWE-384)."""
    session = visit.journey.session
    live = services().grants.find_live(grant_id, visit.now) if session is not None else None
    return live is not None and session is not None and live.grant.session_id == session.id
