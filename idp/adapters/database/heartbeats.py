"""Heartbeats of the collectors, one row per process."""

from datetime import datetime

from sqlalchemy import func, select

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import collector_heartbeats
from idp.adapters.database.upsert import upsert


class DatabaseHeartbeats:
    """The port `Heartbeats`."""

    def note(self, worker: str, now: datetime) -> None:
        upsert(collector_heartbeats, [{"worker": worker, "seen_at": now}], replaced=["seen_at"])

    def newest(self) -> datetime | None:
        return connection().execute(select(func.max(collector_heartbeats.c.seen_at))).scalar()
