"""Error codes that stand on somebody's screen, kept for the support desk that is asked about them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import incidents
from idp.adapters.database.upsert import insert_new

MOST_IN_A_DAY = 10_000
"""Anybody can ask for error pages without end; what comes after that many stands in the log alone."""
MOST_BEFORE_PROGRAMS = MOST_IN_A_DAY // 2
"""A program that goes wrong does so a thousand times an hour: the rest of the day's room is for people's codes."""


PROGRAMS_IN_A_MINUTE = 60
"""Of one process: beyond that, what garbage costs is not even a statement."""


class DatabaseIncidents:
    """The port `Incidents`. A crash rolls its own request back, so `note` belongs in a unit of work after that."""

    def __init__(self) -> None:
        self._minute = 0
        self._of_programs = 0

    def note(self, code: str, now: datetime, facts: Mapping[str, Any], *, of_program: bool = False) -> None:
        """The first facts of a code stay."""
        if of_program and self._is_flooded(now):
            return
        most = MOST_BEFORE_PROGRAMS if of_program else MOST_IN_A_DAY
        today = select(func.count()).where(incidents.c.at > now - timedelta(days=1))
        if connection().execute(today).scalar_one() < most:
            insert_new(incidents, {"code": code, "at": now, "facts": dict(facts)})

    def _is_flooded(self, now: datetime) -> bool:
        """Two threads may count one for both; nothing depends on the last of them."""
        minute = int(now.timestamp() // 60)
        if minute != self._minute:
            self._minute, self._of_programs = minute, 0
        self._of_programs += 1
        return self._of_programs > PROGRAMS_IN_A_MINUTE

    def find(self, code: str) -> Mapping[str, Any] | None:
        """The facts, with `at` as text (ISO 8601)."""
        row = connection().execute(select(incidents).where(incidents.c.code == code)).mappings().one_or_none()
        return None if row is None else {**row["facts"], "at": row["at"].isoformat()}
