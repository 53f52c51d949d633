"""The collector's side of orders: any number of workers, each holding a lease that the row itself grants and ends."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never

from sqlalchemy import RowMapping, Update, case, literal, update

from idp.adapters.database.bankid.order_rows import OrderRows
from idp.adapters.database.columns import UtcTime
from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection
from idp.adapters.database.lease_queue import RELEASED, LeaseQueue, require_change
from idp.adapters.database.tables import bankid_orders
from idp.core.identification.bankid.api import Complete, Ended, Failed, Pending, StartedOrder
from idp.core.identification.bankid.order import UNREADABLE, Order, OrderState
from idp.core.identification.bankid.ports import UnreadableOrder, WantedOrder
from idp.core.overtaken import Overtaken

OVERDUE_AFTER: Final = timedelta(seconds=30)

_columns = bankid_orders.c
_QUEUE = LeaseQueue(bankid_orders, urgent=_columns.state != OrderState.PENDING.value)


class OrderLeases:
    """The port `OrderQueue`.

    An order is due when `next_at` has come: to be started when wanted, collected when pending, cancelled when dropped. The
    worker that collects keeps its lease until the order ends. A terminal answer is stored without a lease, because BankID
    gives it once.
    """

    def __init__(self, cipher: FieldCipher) -> None:
        self._rows = OrderRows(cipher)

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Order | UnreadableOrder]:
        """Starts and cancellations first, for a person waits for them; then the longest due."""
        return [self._opened(row) for row in _QUEUE.lease_due(worker, now, until, limit)]

    def _opened(self, row: RowMapping) -> Order | UnreadableOrder:
        """One by one, so that an order which no key of ours opens stands alone."""
        try:
            return self._rows.order(row)
        except FieldUnreadable:
            return UnreadableOrder(row["id"], row["asked_at"])

    def given_up(self, order_id: str, worker: str) -> None:
        _QUEUE.finish(order_id, worker, state=OrderState.DROPPED.value, completion_encrypted=None)

    def overdue(self, now: datetime) -> int:
        """How many orders wait for a collector that should have come, and are in nobody's hands; for alarms."""
        return _QUEUE.count_due(now - OVERDUE_AFTER, now)

    def release(self, holders: str) -> int:
        """Free what workers hold whose names begin so. Returns how many orders."""
        return _QUEUE.release(holders)

    def give_back(self, order_id: str, worker: str) -> None:
        """End the lease, if it is still held."""
        _QUEUE.give_back(order_id, worker)

    def started(self, order_id: str, worker: str, started: StartedOrder, now: datetime, next_at: datetime) -> None:
        """Keep BankID's reference: the order goes on or, dropped meanwhile, is due for cancellation.

        Raises Overtaken without the lease: then another worker starts it again, and this reference is the caller's to cancel.
        """
        wanted = _columns.state == OrderState.WANTED.value
        statement = (
            update(bankid_orders)
            .where(
                *_QUEUE.held(order_id, worker), _columns.state.in_((OrderState.WANTED.value, OrderState.DROPPED.value))
            )
            .values(
                state=case((wanted, OrderState.PENDING.value), else_=_columns.state),
                started_at=now,
                started_encrypted=self._rows.encrypt_started(order_id, started),
                next_at=case((wanted, literal(next_at, UtcTime())), else_=literal(now, UtcTime())),
                **RELEASED,
            )
        )
        require_change(statement)

    def start_failed(self, order_id: str, worker: str, code: str, now: datetime) -> None:
        wanted = _columns.state == OrderState.WANTED.value
        _QUEUE.finish(order_id, worker, wanted, **_failing(code, now))

    def keep_leases(self, worker: str, until: datetime) -> Collection[str]:
        held = update(bankid_orders).where(_columns.next_at.is_not(None), _columns.leased_by == worker)
        return frozenset(connection().execute(held.values(leased_until=until).returning(_columns.id)).scalars())

    def seen(self, order_id: str, worker: str, told: Pending, now: datetime) -> None:
        held = update(bankid_orders).where(*_QUEUE.held(order_id, worker), _columns.state == OrderState.PENDING.value)
        since = case((_columns.hint_code == told.hint_code, _columns.hint_since), else_=literal(now, UtcTime()))
        require_change(held.values(hint_code=told.hint_code, hint_since=since, answer_encrypted=None))

    def answered(self, order_id: str, body: bytes) -> Order:
        kept = _pending(order_id).values(answer_encrypted=self._rows.encrypt_answer(order_id, body))
        row = connection().execute(kept.returning(bankid_orders)).mappings().one_or_none()
        if row is None:
            raise Overtaken
        return self._rows.order(row)

    def ended(self, order_id: str, told: Ended, now: datetime) -> None:
        pending = _pending(order_id)
        match told:
            case Complete(completion):
                encrypted = self._rows.encrypt_completion(order_id, completion)
                complete = {"state": OrderState.COMPLETE.value, "completion_encrypted": encrypted, "completed_at": now}
                require_change(pending.values(**complete, answer_encrypted=None, next_at=None, **RELEASED))
            case Failed(hint_code):
                kept = {} if hint_code == UNREADABLE else {"answer_encrypted": None}
                require_change(pending.values(**_failing(hint_code, now), **kept, next_at=None, **RELEASED))
            case _:
                assert_never(told)

    def ask_again(self, order_id: str, worker: str, next_at: datetime) -> None:
        """Also for a start that got no answer."""
        _QUEUE.again(order_id, worker, next_at)

    def restart(self, order_id: str, worker: str, replacement: WantedOrder, now: datetime) -> None:
        """BankID has ended the unopened order already, so that nothing is left to cancel."""
        pending = _columns.state == OrderState.PENDING.value
        _QUEUE.finish(order_id, worker, pending, state=OrderState.DROPPED.value, cancelled_at=now)
        self._rows.add(replacement, now)

    def cancelled(self, order_id: str, worker: str, now: datetime) -> None:
        dropped = _columns.state == OrderState.DROPPED.value
        _QUEUE.finish(order_id, worker, dropped, cancelled_at=now, started_encrypted=None)


def _pending(order_id: str) -> Update:
    """BankID tells an end once, so that it needs no lease to be stored."""
    return update(bankid_orders).where(_columns.id == order_id, _columns.state == OrderState.PENDING.value)


def _failing(hint_code: str, now: datetime) -> dict[str, object]:
    return {"state": OrderState.FAILED.value, "hint_code": hint_code, "hint_since": now}
