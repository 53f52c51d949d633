"""Leave: the person gives up, and the client is told why."""

from dataclasses import dataclass
from datetime import datetime

from idp.core.audit import Audit
from idp.core.events import LoginLeft
from idp.core.identification.bankid.messages import stopped_message
from idp.core.identification.bankid.order import Order, OrderState
from idp.core.oidc.errors import Redirected
from idp.core.signin.interaction import Outcome
from idp.core.signin.journey import Journey
from idp.core.signin.ports import Interactions, Orders

_OUT_OF_REACH = {"bankid.unavailable", "bankid.maintenance", "bankid.our_fault", "bankid.answer_unreadable"}
"""Messages that say BankID could not be used, whatever the person wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Ends the interaction; nothing is kept but the audit row. Raises Overtaken when it has ended or moved meanwhile."""

    interactions: Interactions
    orders: Orders
    audit: Audit

    def __call__(self, journey: Journey, now: datetime) -> Redirected:
        """The error that the client is answered with."""
        interaction = journey.ongoing
        self.interactions.finish(interaction, None, Outcome.LEFT, now)
        order = self.orders.current(interaction.id)
        self.orders.drop(interaction.id, now)
        self.audit.record(LoginLeft(interaction_id=interaction.id, client_id=journey.client.client_id), now)
        unavailable = _bankid_was_out_of_reach(order)
        return Redirected(
            code="temporarily_unavailable" if unavailable else "access_denied",
            description="BankID is out of reach" if unavailable else "The person left the login",
            reply_to=journey.request.reply_to,
        )


def _bankid_was_out_of_reach(order: Order | None) -> bool:
    if order is None or order.state is not OrderState.FAILED:
        return False
    return stopped_message(order.hint_code or "", order.launch) in _OUT_OF_REACH
