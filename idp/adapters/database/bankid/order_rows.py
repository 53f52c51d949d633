"""A row of `bankid_orders`, encrypted and decrypted, and how an order is dropped: what both sides of an order share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, case, insert, literal, null, update

from idp.adapters.database.columns import UtcTime
from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import bankid_orders
from idp.core.identification.bankid.api import Completion, StartedOrder
from idp.core.identification.bankid.order import Launch, Order, OrderState
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder

LIVING = tuple(state.value for state in OrderState if state not in {OrderState.USED, OrderState.DROPPED})
"""States of which an identification has at most one order (a unique index says so too)."""

_columns = bankid_orders.c


def dropping(condition: ColumnElement[bool], now: datetime) -> Update:
    """Give up living orders and erase what they learned; one that BankID has open becomes due for its cancellation.

    Whoever collects it loses it, so that it is cancelled at once. A lease under which it is just being started stays.
    """
    is_open = _columns.state == OrderState.PENDING.value
    return (
        update(bankid_orders)
        .where(condition, _columns.state.in_(LIVING))
        .values(
            state=OrderState.DROPPED.value,
            completion_encrypted=None,
            next_at=case((is_open, literal(now, UtcTime())), else_=null()),
            leased_by=case((is_open, null()), else_=_columns.leased_by),
            leased_until=case((is_open, null()), else_=_columns.leased_until),
        )
    )


class OrderRows:
    """Writes and reads rows; everything that opens an order or names a person is encrypted."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, order: WantedOrder, now: datetime) -> None:
        """Insert a wanted order, due at once."""
        connection().execute(
            insert(bankid_orders),
            {
                "id": order.id,
                "identification_id": order.identification_id,
                "launch": order.launch.value,
                "state": OrderState.WANTED.value,
                "asked_at": now,
                "wanted_at": order.wanted_at,
                "restarts": order.restarts,
                "request_encrypted": self._cipher.encrypt_json(
                    f"bankid_orders.request.{order.id}", order.request.to_json()
                ),
                "return_nonce_hash": order.return_nonce_hash,
                "next_at": now,
            },
        )

    def encrypt_started(self, order_id: str, started: StartedOrder) -> bytes:
        facts = [started.order_ref, started.auto_start_token, started.qr_start_token, started.qr_start_secret]
        return self._cipher.encrypt_json(f"bankid_orders.started.{order_id}", facts)

    def encrypt_answer(self, order_id: str, body: bytes) -> bytes:
        return self._cipher.encrypt(_place_of_answer(order_id), body)

    def encrypt_completion(self, order_id: str, completion: Completion) -> bytes:
        return self._cipher.encrypt_json(f"bankid_orders.completion.{order_id}", completion.as_dict())

    def decrypt_completion(self, order_id: str, encrypted: bytes | None) -> Completion | None:
        if encrypted is None:
            return None
        return Completion.from_dict(self._cipher.decrypt_json(f"bankid_orders.completion.{order_id}", encrypted))

    def order(self, row: Mapping[Any, Any]) -> Order:
        """The order of a whole row; raises FieldUnreadable."""
        order_id = row["id"]
        request = self._cipher.decrypt_json(f"bankid_orders.request.{order_id}", row["request_encrypted"])
        started = self._decrypt_started(order_id, row["started_encrypted"])
        return Order(
            id=order_id,
            identification_id=row["identification_id"],
            launch=Launch(row["launch"]),
            state=OrderState(row["state"]),
            wanted_at=row["wanted_at"],
            asked_at=row["asked_at"],
            restarts=row["restarts"],
            started_at=row["started_at"],
            hint_code=row["hint_code"],
            hint_since=row["hint_since"],
            request=OrderRequest.from_json(request),
            return_nonce_hash=row["return_nonce_hash"],
            returned_at=row["returned_at"],
            polled_at=row["polled_at"],
            answer=self._decrypt_answer(order_id, row["answer_encrypted"]),
            completion=self.decrypt_completion(order_id, row["completion_encrypted"]),
            completed_at=row["completed_at"],
            **started,
        )

    def _decrypt_answer(self, order_id: str, encrypted: bytes | None) -> bytes | None:
        return None if encrypted is None else self._cipher.decrypt(_place_of_answer(order_id), encrypted)

    def _decrypt_started(self, order_id: str, encrypted: bytes | None) -> dict[str, Any]:
        if encrypted is None:
            return {}
        facts = self._cipher.decrypt_json(f"bankid_orders.started.{order_id}", encrypted)
        names = ("order_ref", "auto_start_token", "qr_start_token", "qr_start_secret")
        return dict(zip(names, facts, strict=True))


def _place_of_answer(order_id: str) -> str:
    return f"bankid_orders.answer.{order_id}"
