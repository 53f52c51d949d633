"""Budgets: one table, and one conditional statement for all scopes of an act, paid before its outcome is known.

Names of scopes are stored as keyed hashes, whether what they name exists or not, so that a pause tells nothing. Rows are
locked in the order once, then scopes as they are named: two acts never wait for each other in a ring.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Case,
    Executable,
    Integer,
    LargeBinary,
    RowMapping,
    bindparam,
    case,
    literal,
    literal_column,
    or_,
    select,
    union_all,
    update,
)

from idp.adapters.database.columns import UtcTime
from idp.adapters.database.encryption import Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import budgets
from idp.adapters.database.upsert import upsert_if
from idp.core.budgets import Budget, Charged, Exhausted, Left

_columns = budgets.c
_PURPOSE = "budgets.scope"


class DatabaseBudgets:
    """The port `Budgets`."""

    def __init__(self, pepper: Pepper) -> None:
        self._pepper = pepper

    def charge(self, scopes: Mapping[str, Budget], now: datetime, *, once: str | None = None) -> Charged | Exhausted:
        """A process that dies before the outcome leaves the act charged; the same act is free then."""
        keys = self._keys([*scopes, *_named(once)])
        if once is not None:
            a_single_time = Budget(limit=1, window=max(budget.window for budget in scopes.values()))
            if not _pay({keys[once]: a_single_time}, now):
                return Charged(self.left(scopes, now))
        paid = _pay({keys[scope]: budget for scope, budget in scopes.items()}, now)
        if len(paid) == len(scopes):
            return Charged({scope: _left(paid[keys[scope]], budget, now) for scope, budget in scopes.items()})
        _give_back([*paid, *(keys[name] for name in _named(once))])
        full = {scope: keys[scope] for scope in scopes if keys[scope] not in paid}
        found = _find(full.values())
        return Exhausted({scope: found[key]["expires_at"] for scope, key in full.items()})

    def left(self, scopes: Mapping[str, Budget], now: datetime) -> Mapping[str, Left]:
        keys = self._keys(scopes)
        found = _find(keys.values())
        return {scope: _left(found.get(keys[scope]), budget, now) for scope, budget in scopes.items()}

    def refund(self, scopes: Iterable[str], *, once: str | None = None) -> None:
        """An act that cost nothing gives nothing, and none gives more than it cost.

        With a pair that somebody knows, tries at others' numbers could else be bought without end ("Wrong company? Go back").
        """
        keys = self._keys([*scopes, *_named(once)])
        act = keys.pop(once) if once is not None else None
        if act is None or _give_back([act]):
            _give_back(keys.values())

    def _keys(self, names: Iterable[str]) -> dict[str, bytes]:
        """Where each scope is counted: in the row that it has, by whichever pepper, so that another pepper forgets nothing."""
        candidates = {name: self._pepper.candidates(_PURPOSE, name) for name in names}
        if all(len(keys) == 1 for keys in candidates.values()):
            return {name: key for name, (key,) in candidates.items()}
        found = _find(key for keys in candidates.values() for key in keys)
        return {
            name: next((key for key in reversed(keys) if key in found), keys[0]) for name, keys in candidates.items()
        }


def _named(once: str | None) -> list[str]:
    return [] if once is None else [once]


def _pay(charges: Mapping[bytes, Budget], now: datetime) -> dict[bytes, RowMapping]:
    """The rows that could pay, after paying. Each remembers the end that it had, for an act that is given back."""
    values: dict[str, Any] = {"now": now}
    for nth, (key, budget) in enumerate(charges.items()):
        values |= {f"key_{nth}": key, f"limit_{nth}": budget.limit, f"ends_{nth}": now + budget.window}
        values[f"from_last_{nth}"] = int(budget.from_last)
    statement = _payment(len(charges), connection().dialect.name)
    return {row["key_hash"]: row for row in connection().execute(statement, values).mappings()}


@lru_cache
def _payment(count: int, _dialect: str) -> Executable:
    """The statement for so many scopes, made once: to make and compile it costs ten times as much as to run it."""
    now = bindparam("now", type_=UtcTime())
    keys, limits, ends, from_last = (
        [bindparam(f"{name}_{nth}", type_=kind) for nth in range(count)]
        for name, kind in (
            ("key", LargeBinary()),
            ("limit", Integer()),
            ("ends", UtcTime()),
            ("from_last", Integer()),
        )
    )
    rows = union_all(*(select(key, literal(1, Integer()), end, end) for key, end in zip(keys, ends, strict=True)))
    over = _columns.expires_at <= now
    begins = or_(over, _columns.spent == 0)
    given_end = literal_column("excluded.expires_at", UtcTime())
    replaced = {
        "spent": case((over, 1), else_=_columns.spent + 1),
        "previous_expires_at": case((begins, given_end), else_=_columns.expires_at),
        "expires_at": case((or_(begins, _of_its_key(keys, from_last) == 1), given_end), else_=_columns.expires_at),
    }
    names = ("key_hash", "spent", "previous_expires_at", "expires_at")
    return upsert_if(
        budgets, rows, names, replaced=replaced, where=or_(_columns.spent < _of_its_key(keys, limits), over)
    )


def _of_its_key(keys: Sequence[BindParameter[Any]], values: Sequence[BindParameter[Any]]) -> Case[Any]:
    """For each row the value that goes with its key."""
    return case(*((_columns.key_hash == key, value) for key, value in zip(keys, values, strict=True)))


def _give_back(keys: Iterable[bytes]) -> int:
    """How many rows had something to give back."""
    statement = update(budgets).where(_columns.key_hash.in_(list(keys)), _columns.spent > 0)
    given_back = statement.values(spent=_columns.spent - 1, expires_at=_columns.previous_expires_at)
    return connection().execute(given_back).rowcount


def _find(keys: Iterable[bytes]) -> dict[bytes, RowMapping]:
    found = connection().execute(select(budgets).where(_columns.key_hash.in_(list(keys)))).mappings()
    return {row["key_hash"]: row for row in found}


def _left(row: RowMapping | None, budget: Budget, now: datetime) -> Left:
    if row is None or row["expires_at"] <= now:
        return Left(budget.limit)
    acts = max(0, budget.limit - row["spent"])
    return Left(acts, until=None if acts else row["expires_at"])
