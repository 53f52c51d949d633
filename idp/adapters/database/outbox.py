"""Messages to others: written in the transaction of their cause, leased by the job that delivers them, erased when delivered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection
from idp.adapters.database.lease_queue import LeaseQueue
from idp.adapters.database.tables import outbox
from idp.adapters.database.upsert import insert_new
from idp.core.ids import new_id
from idp.core.messages import Backlog, Message

_QUEUE = LeaseQueue(outbox)


class DatabaseOutbox:
    """The ports `Outbox` and `MessageQueue`."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def put(self, kind: str, key: str, payload: Mapping[str, Any], now: datetime) -> None:
        """A key that was put before is left alone."""
        message_id = new_id(now)
        row = {
            "id": message_id,
            "kind": kind,
            "key": key,
            "payload_encrypted": self._cipher.encrypt_json(f"outbox.payload.{message_id}", dict(payload)),
            "created_at": now,
            "next_at": now,
            "tries": 0,
        }
        insert_new(outbox, row, index=["key"])

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Messages to deliver now, the longest due first; two workers never get the same one."""
        return [self._message(row) for row in _QUEUE.lease_due(worker, now, until, limit)]

    def release(self, holders: str) -> int:
        """Free what workers hold whose names begin so. Returns how many messages."""
        return _QUEUE.release(holders)

    def give_back(self, message_id: str, worker: str) -> None:
        """End the lease, if it is still held."""
        _QUEUE.give_back(message_id, worker)

    def delivered(self, message_id: str, worker: str, now: datetime) -> None:
        """The payload is erased; the key stays, so that the same message is never sent again."""
        _QUEUE.finish(message_id, worker, delivered_at=now, payload_encrypted=None, last_error=None)

    def failed(self, message_id: str, worker: str, error: str, next_at: datetime) -> None:
        """Count a failed try; `error` is a word for operators, never content."""
        _QUEUE.again(message_id, worker, next_at, **_failure(error))

    def given_up(self, message_id: str, worker: str, error: str, now: datetime) -> None:
        """Count the last try, and erase the payload."""
        _QUEUE.finish(message_id, worker, gave_up_at=now, payload_encrypted=None, **_failure(error))

    def waiting(self, now: datetime) -> Backlog:
        """Everything that is neither delivered nor given up; for alarms."""
        undelivered = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.next_at.is_not(None))
        count, since = connection().execute(undelivered).one()
        return Backlog(count=count, oldest=now - since if count else timedelta(0))

    def _message(self, row: Mapping[Any, Any]) -> Message:
        try:
            payload, readable = self._cipher.decrypt_json(f"outbox.payload.{row['id']}", row["payload_encrypted"]), True
        except FieldUnreadable:
            payload, readable = {}, False
        return Message(
            id=row["id"],
            kind=row["kind"],
            key=row["key"],
            payload=payload,
            created_at=row["created_at"],
            tries=row["tries"],
            readable=readable,
        )


def _failure(error: str) -> dict[str, Any]:
    return {"tries": outbox.c.tries + 1, "last_error": error[:64]}
