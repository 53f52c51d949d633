"""The page "Du är inloggad": hands a native client its answer by a link that a person can press."""

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.flow import next_step
from idp.web.answer import tell_native
from idp.web.headers import allow_form_action
from idp.web.issue import answers
from idp.web.signin.visit import enter

blueprint = Blueprint("signin_handover", __name__)


@blueprint.get("/signin/<interaction_id>/handover")
def page(interaction_id: str) -> BaseResponse:
    """Page I. The answer is made here, so that a tab which was put aside does not hold a code that has run out."""
    visit = enter(interaction_id)
    if visit.interaction.outcome is not None or next_step(visit.journey) is not None or not visit.client.is_native:
        return redirect(visit.base, code=303)
    response = answers()(visit.journey, visit.now)
    allow_form_action(visit.client_origin)
    return tell_native(visit.request.reply_to, response, visit.app, visit.language)
