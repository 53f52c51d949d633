"""Leaving: the person gives up, and the client is told why."""

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from idp.core.events import LoginLeft
from idp.core.identification.bankid.messages import stopped_message
from idp.core.identification.bankid.order import Order, OrderState
from idp.core.oidc.errors import Redirected
from idp.core.signin.interaction import Outcome
from idp.web.services import services
from idp.web.signin.visit import enter, onward

blueprint = Blueprint("signin_leave", __name__)

_OUT_OF_REACH = {"bankid.unavailable", "bankid.maintenance", "bankid.our_fault"}
"""Messages that say BankID could not be used, whatever the person wanted."""


@blueprint.post("/signin/<interaction_id>/leave")
def leave(interaction_id: str) -> BaseResponse:
    """End the interaction; nothing is kept but the audit row."""
    visit = enter(interaction_id)
    if visit.interaction.outcome is not None:
        return onward(visit)
    known = services()
    order = known.orders.current(visit.id)
    known.orders.drop(visit.id, visit.now)
    known.interactions.finish(visit.id, None, Outcome.LEFT, visit.now)
    known.audit.record(LoginLeft(client_id=visit.client.client_id, interaction_id=visit.id), visit.now)
    unavailable = _bankid_was_out_of_reach(order)
    raise Redirected(
        code="temporarily_unavailable" if unavailable else "access_denied",
        description="BankID is out of reach" if unavailable else "The person left the login",
        reply_to=visit.request.reply_to,
    )


def _bankid_was_out_of_reach(order: Order | None) -> bool:
    if order is None or order.state is not OrderState.FAILED:
        return False
    return stopped_message(order.hint_code or "", order.launch) in _OUT_OF_REACH
