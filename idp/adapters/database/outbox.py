"""Messages to others: written in the transaction of their cause, leased by the job that delivers them, erased when delivered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import outbox
from idp.adapters.database.upsert import insert_new
from idp.core.messages import Message
from idp.core.oidc.tokens.grant import new_id

_columns = outbox.c
_RELEASED = {"leased_by": None, "leased_until": None}


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
            "payload_sealed": self._cipher.seal_json(f"outbox.payload.{message_id}", dict(payload)),
            "created_at": now,
            "next_at": now,
            "tries": 0,
        }
        insert_new(outbox, row, index=["key"])

    def lease_due(self, worker: str, now: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Messages to deliver now, the longest due first; two workers never get the same one."""
        free = or_(_columns.leased_until.is_(None), _columns.leased_until <= now)
        due = select(_columns.id).where(_columns.next_at <= now, free).order_by(_columns.next_at).limit(limit)
        found = connection().execute(due.with_for_update(skip_locked=True)).scalars().all()
        if not found:
            return ()
        leased = update(outbox).where(_columns.id.in_(found), _columns.next_at <= now, free)
        statement = leased.values(leased_by=worker, leased_until=until).returning(*_columns)
        rows = connection().execute(statement).mappings().all()
        return [self._message(row) for row in sorted(rows, key=lambda row: (row["next_at"], row["id"]))]

    def release(self, holders: str) -> int:
        """Free what workers hold whose names begin so; they are dead, or the caller itself. Returns how many messages."""
        held = update(outbox).where(_columns.leased_by.startswith(holders, autoescape=True))
        return connection().execute(held.values(**_RELEASED)).rowcount

    def delivered(self, message_id: str, worker: str, now: datetime) -> bool:
        """The payload is erased; the key stays, so that the same message is never sent again."""
        done = {"delivered_at": now, "next_at": None, "payload_sealed": None, "last_error": None}
        return self._end(message_id, worker, done)

    def failed(self, message_id: str, worker: str, error: str, now: datetime, next_at: datetime | None) -> bool:
        """Count a failed try; without `next_at` the message is given up. `error` is a word for operators, never content."""
        failed: dict[str, Any] = {"tries": _columns.tries + 1, "last_error": error[:64], "next_at": next_at}
        if next_at is None:
            failed |= {"gave_up_at": now, "payload_sealed": None}
        return self._end(message_id, worker, failed)

    def waiting(self, now: datetime) -> int:
        """How many messages are overdue; for alarms."""
        return connection().execute(select(func.count()).where(_columns.next_at <= now)).scalar_one()

    def _message(self, row: Mapping[Any, Any]) -> Message:
        try:
            payload, readable = self._cipher.open_json(f"outbox.payload.{row['id']}", row["payload_sealed"]), True
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

    @staticmethod
    def _end(message_id: str, worker: str, values: Mapping[str, Any]) -> bool:
        statement = update(outbox).where(_columns.id == message_id, _columns.leased_by == worker)
        return connection().execute(statement.values(**values, **_RELEASED)).rowcount == 1
