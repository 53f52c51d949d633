"""Budgets: one table and one conditional statement per scope, paid before the outcome of an act is known.

Names of scopes are stored as keyed hashes, whether what they name exists or not, so that a pause tells nothing. Rows are
always touched in the order once, then scopes by hash: two acts never wait for each other in a ring.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import RowMapping, case, literal, or_, select, update

from idp.adapters.database.columns import UtcTime
from idp.adapters.database.encryption import Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import budgets
from idp.adapters.database.upsert import upsert_if
from idp.core.budgets import Budget, Charged, Exhausted

_columns = budgets.c


class DatabaseBudgets:
    """The port `Budgets`."""

    def __init__(self, pepper: Pepper) -> None:
        self._pepper = pepper

    def charge(self, scopes: Mapping[str, Budget], now: datetime, *, once: str | None = None) -> Charged | Exhausted:
        """A process that dies before the outcome leaves the act charged; the same act is free then."""
        by_key = {self._key(name): budget for name, budget in scopes.items()}
        first = next(iter(by_key))
        if once is not None:
            a_single_time = Budget(limit=1, window=max(budget.window for budget in scopes.values()))
            if _pay(self._key(once), a_single_time, now) is None:
                return _left(_find(first), by_key[first], now)
        rows: dict[bytes, RowMapping] = {}
        for key, budget in sorted(by_key.items(), key=lambda charge: charge[0]):
            row = _pay(key, budget, now)
            if row is None:
                for paid in rows:
                    _give_back(paid)
                if once is not None:
                    _give_back(self._key(once))
                return Exhausted(until=_started_at(key) + budget.window)
            rows[key] = row
        return _left(rows[first], by_key[first], now)

    def refund(self, scopes: Iterable[str], *, once: str | None = None) -> None:
        """An act that cost nothing gives nothing, and none gives more than it cost.

        With a pair that somebody knows, tries at others' numbers could else be bought without end ("Wrong company? Go back").
        """
        if once is None or _give_back(self._key(once)):
            for key in sorted(self._key(name) for name in scopes):
                _give_back(key)

    def _key(self, name: str) -> bytes:
        return self._pepper.hash("budgets.scope", name)


def _pay(key: bytes, budget: Budget, now: datetime) -> RowMapping | None:
    """The row after paying; None when nothing is left."""
    over = _columns.started_at <= now - budget.window
    expires_at = now + budget.window
    replaced = {
        "spent": case((over, 1), else_=_columns.spent + 1),
        "started_at": case((or_(over, _columns.spent == 0), literal(now, UtcTime())), else_=_columns.started_at),
        "expires_at": case((or_(over, _columns.spent == 0), literal(expires_at, UtcTime())), else_=_columns.expires_at),
    }
    row = {"key_hash": key, "spent": 1, "started_at": now, "expires_at": expires_at}
    paid: RowMapping | None = upsert_if(budgets, row, replaced=replaced, where=or_(_columns.spent < budget.limit, over))
    return paid


def _give_back(key: bytes) -> bool:
    statement = update(budgets).where(_columns.key_hash == key, _columns.spent > 0)
    return connection().execute(statement.values(spent=_columns.spent - 1)).rowcount == 1


def _find(key: bytes) -> RowMapping | None:
    return connection().execute(select(budgets).where(_columns.key_hash == key)).mappings().one_or_none()


def _left(row: RowMapping | None, budget: Budget, now: datetime) -> Charged:
    if row is None or row["started_at"] <= now - budget.window:
        return Charged(left=budget.limit)
    left = max(0, budget.limit - row["spent"])
    return Charged(left=left, until=None if left else row["started_at"] + budget.window)


def _started_at(key: bytes) -> datetime:
    started_at: datetime = (
        connection().execute(select(_columns.started_at).where(_columns.key_hash == key)).scalar_one()
    )
    return started_at
