"""Leaving: the person gives up, and the client is told why."""

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from idp.core.signin.leave import Leave
from idp.web.services import services
from idp.web.signin.visit import enter, onward

blueprint = Blueprint("signin_leave", __name__)


@blueprint.post("/signin/<interaction_id>/leave")
def leave(interaction_id: str) -> BaseResponse:
    """End the interaction; nothing is kept but the audit row."""
    visit = enter(interaction_id)
    if visit.interaction.outcome is not None:
        return onward(visit)
    known = services()
    leave = Leave(interactions=known.interactions, orders=known.orders, audit=known.audit)
    raise leave(visit.journey, visit.now)
