"""Orders as the browser's side asks for them and sees them; the collector's side is in `order_leases`."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from idp.adapters.database.bankid.order_leases import OrderLeases
from idp.adapters.database.bankid.order_rows import LIVING, dropping
from idp.adapters.database.engine import connection, take_turn
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.tables import bankid_orders
from idp.core.identification.bankid.order import STRAYED, Order, OrderState
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.overtaken import Overtaken

WATCH_EVERY = timedelta(seconds=5)
UNDER_WAY = tuple(state.value for state in (OrderState.WANTED, OrderState.PENDING, OrderState.COMPLETE))

_columns = bankid_orders.c
_CURRENT = Prepared(
    select(bankid_orders)
    .where(_columns.identification_id == bindparam("identification"), _columns.state != OrderState.DROPPED.value)
    .order_by(_columns.asked_at.desc(), _columns.id.desc())
    .limit(1),
    gives=tuple(_columns),
)


class DatabaseOrders(OrderLeases):
    """The port `Orders`, and by inheritance the port `OrderQueue`."""

    def want(self, order: WantedOrder, now: datetime) -> None:
        """Two tabs that ask at once wait for each other, so that the later one wins."""
        take_turn(f"identification {order.identification_id}")
        self.drop(order.identification_id, now)
        self._rows.add(order, now)

    def current(self, identification_id: str) -> Order | None:
        row = _CURRENT.one({"identification": identification_id})
        return None if row is None else self._rows.order(row)

    def watched(self, order: Order, now: datetime) -> None:
        """Costs nothing when the order, as it was just read, was noted within WATCH_EVERY."""
        if order.polled_at is None or order.polled_at <= now - WATCH_EVERY:
            stale = or_(_columns.polled_at.is_(None), _columns.polled_at <= now - WATCH_EVERY)
            connection().execute(update(bankid_orders).where(_columns.id == order.id, stale).values(polled_at=now))

    def returned(self, identification_id: str, nonce_hash: str, now: datetime) -> bool:
        statement = update(bankid_orders).where(
            _columns.identification_id == identification_id,
            _columns.return_nonce_hash == nonce_hash,
            _columns.state.in_(LIVING),
        )
        return connection().execute(statement.values(returned_at=now)).rowcount == 1

    def strayed(self, identification_id: str, nonce_hash: str, now: datetime) -> bool:
        """The app is done with it, so BankID has nothing left to cancel."""
        statement = update(bankid_orders).where(
            _columns.identification_id == identification_id,
            _columns.return_nonce_hash == nonce_hash,
            _columns.state.in_(UNDER_WAY),
        )
        failed = {"state": OrderState.FAILED.value, "hint_code": STRAYED, "hint_since": now, "next_at": None}
        erased = {"completion_encrypted": None, "answer_encrypted": None}
        return connection().execute(statement.values(**failed, **erased)).rowcount == 1

    def drop(self, identification_id: str, now: datetime) -> bool:
        return connection().execute(dropping(_columns.identification_id == identification_id, now)).rowcount > 0

    def use(self, order_id: str, now: datetime) -> None:
        _end_complete(order_id, {"state": OrderState.USED.value, "used_at": now, "started_encrypted": None})

    def reject(self, order_id: str, hint_code: str, now: datetime) -> None:
        _end_complete(order_id, {"state": OrderState.FAILED.value, "hint_code": hint_code, "hint_since": now})


def _end_complete(order_id: str, values: dict[str, Any]) -> None:
    complete = update(bankid_orders).where(_columns.id == order_id, _columns.state == OrderState.COMPLETE.value)
    if connection().execute(complete.values(completion_encrypted=None, **values)).rowcount != 1:
        raise Overtaken
