"""BankID as a method of identification: an order is started, watched, given up, and used once it is complete."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from idp.core.audit_log import Audit
from idp.core.budgets import Exhausted
from idp.core.events import BankIdCancelled
from idp.core.identification.assertion import Assertion, MethodFacts, NotBelieved
from idp.core.identification.bankid.messages import stopped_message
from idp.core.identification.bankid.order import Order, OrderState
from idp.core.identification.bankid.ports import Orders
from idp.core.identification.bankid.start_order import BankIdStartRequest, StartOrder
from idp.core.identification.bankid.trust import Distrusted, JudgeOrder
from idp.core.identification.method import Identification, Standing

_OUT_OF_REACH = {
    "bankid.unavailable",
    "bankid.maintenance",
    "bankid.our_fault",
    "bankid.answer_unreadable",
    "bankid.answer_lost",
}
"""Messages that say BankID could not be used, whatever the person wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdMethod:
    """The port `Method`; a start request is an order and how the BankID app gets hold of it."""

    start_order: StartOrder
    judge: JudgeOrder
    orders: Orders
    audit: Audit

    @property
    def facts(self) -> MethodFacts:
        return self.judge.method

    def start(self, identification: Identification, request: BankIdStartRequest, now: datetime) -> Exhausted | None:
        started = self.start_order(identification, request, now)
        return started if isinstance(started, Exhausted) else None

    def look(self, identification_id: str) -> Standing:
        order = self.orders.current(identification_id)
        return Standing.NOTHING if order is None else standing(order)

    def cancel(self, identification_id: str, now: datetime) -> Standing:
        """The collector tells BankID. Only what was there is told of: a press more would be a row more, kept for a year."""
        found = self.look(identification_id)
        if found is not Standing.NOTHING and self.orders.drop(identification_id, now):
            self.audit.record(BankIdCancelled(identification_id=identification_id), now)
        return found

    def complete(self, identification_id: str, now: datetime) -> Assertion | NotBelieved | None:
        order = self.orders.current(identification_id)
        if order is None or standing(order) is not Standing.READY:
            return None
        judged = self.judge(order)
        if isinstance(judged, Distrusted):
            self.orders.reject(order.id, judged.reason, now)
            return NotBelieved(
                reference=order.id,
                reason=judged.reason,
                decided_by=judged.decided_by,
                evidence_problem=judged.detail,
            )
        self.orders.use(order.id, now)
        return judged


def find_present(orders: Orders, identification_id: str) -> Order | None:
    """The order that its page is about; one that has been used up belongs to an identification before."""
    order = orders.current(identification_id)
    return None if order is not None and order.state is OrderState.USED else order


def standing(order: Order) -> Standing:
    """How far an order is, in the words of every method."""
    match order.state:
        case OrderState.WANTED | OrderState.PENDING:
            return Standing.UNDER_WAY
        case OrderState.COMPLETE:
            return Standing.READY if order.is_ready else Standing.UNDER_WAY
        case OrderState.FAILED:
            told = stopped_message(order.hint_code or "", order.launch)
            return Standing.OUT_OF_REACH if told in _OUT_OF_REACH else Standing.FAILED
        case OrderState.USED | OrderState.DROPPED:
            return Standing.NOTHING
        case _:
            assert_never(order.state)
