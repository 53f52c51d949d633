"""Remembered consents: one row per person, client and scope, so that two tabs add up instead of overwriting."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import consents
from idp.adapters.database.upsert import upsert

_columns = consents.c


class DatabaseConsents:
    """The port `Consents`."""

    def find(self, person_id: str, client_id: str, now: datetime) -> frozenset[str]:
        statement = select(_columns.scope).where(
            _columns.person_id == person_id, _columns.client_id == client_id, _columns.expires_at > now
        )
        return frozenset(connection().execute(statement).scalars())

    def all_of(self, person_id: str, now: datetime) -> Mapping[str, Sequence[str]]:
        """What stands now, by client: the scopes, sorted."""
        statement = select(_columns.client_id, _columns.scope).where(
            _columns.person_id == person_id, _columns.expires_at > now
        )
        found: dict[str, list[str]] = {}
        for row in connection().execute(statement.order_by(_columns.client_id, _columns.scope)):
            found.setdefault(row.client_id, []).append(row.scope)
        return found

    def allow(self, person_id: str, client_id: str, scope: Sequence[str], now: datetime, expires_at: datetime) -> None:
        rows = [
            {
                "person_id": person_id,
                "client_id": client_id,
                "scope": word,
                "allowed_at": now,
                "expires_at": expires_at,
            }
            for word in sorted(set(scope))  # one order everywhere, so that two tabs never wait for each other in a ring
        ]
        upsert(consents, rows, replaced=["allowed_at", "expires_at"])

    def withdraw(self, person_id: str, client_id: str, now: datetime) -> bool:  # noqa: ARG002 - the row is gone at once
        statement = delete(consents).where(_columns.person_id == person_id, _columns.client_id == client_id)
        return connection().execute(statement).rowcount > 0

    def withdraw_for_client(self, client_id: str) -> int:
        """One statement over the whole table, for the rare end of a client."""
        return connection().execute(delete(consents).where(_columns.client_id == client_id)).rowcount
