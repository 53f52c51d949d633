"""Budgets of wrong tries, and of acts that cost: charged before the answer is known, by one conditional statement per scope.

Keys are stored as keyed hashes whether the customer exists or not, so that a pause tells nothing. Rows are always touched
in the order pair, then keys by hash: two tries never wait for each other in a ring.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, delete, literal, or_, select, update

from idp.adapters.database.columns import UtcTime
from idp.adapters.database.encryption import Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import budgets, wrong_pairs
from idp.adapters.database.upsert import upsert_if
from idp.core.budgets import Budget, Charged, Exhausted

_columns = budgets.c


class DatabaseAttempts:
    """The port `Attempts`."""

    def __init__(self, pepper: Pepper) -> None:
        self._pepper = pepper

    def charge(
        self,
        *,
        person_key: str,
        customer_key: str,
        pair_key: str,
        per_person: Budget,
        per_customer: Budget,
        now: datetime,
    ) -> Charged | Exhausted:
        """A process that dies before the answer leaves the try charged; the same pair is free then."""
        pair, person, customer = self._hashes(pair_key, person_key, customer_key)
        if not _is_first(pair, now, per_person, per_customer):
            return _charged(person, per_person, now)
        exhausted = _pay_all({person: per_person, customer: per_customer}, now)
        if exhausted is not None:
            connection().execute(delete(wrong_pairs).where(wrong_pairs.c.pair_hash == pair))
            return exhausted
        return _charged(person, per_person, now)

    def count(self, scopes: Mapping[str, Budget], now: datetime) -> Exhausted | None:
        return _pay_all({self._pepper.hash("attempts.scope", name): budget for name, budget in scopes.items()}, now)

    def refund(self, *, person_key: str, customer_key: str, pair_key: str) -> None:
        """A pair that cost nothing gives nothing, and none gives more than it cost.

        With a pair that somebody knows, tries at others' numbers could else be bought without end ("Wrong company? Go back").
        """
        pair, person, customer = self._hashes(pair_key, person_key, customer_key)
        if connection().execute(delete(wrong_pairs).where(wrong_pairs.c.pair_hash == pair)).rowcount == 1:
            for key in sorted((person, customer)):
                _give_back(key)

    def _hashes(self, pair_key: str, person_key: str, customer_key: str) -> tuple[bytes, bytes, bytes]:
        return (
            self._pepper.hash("attempts.pair", pair_key),
            self._pepper.hash("attempts.person", person_key),
            self._pepper.hash("attempts.customer", customer_key),
        )


def _is_first(pair: bytes, now: datetime, *scopes: Budget) -> bool:
    expires_at = now + max(budget.window for budget in scopes)
    row = {"pair_hash": pair, "expires_at": expires_at}
    over = wrong_pairs.c.expires_at <= now
    return upsert_if(wrong_pairs, row, replaced={"expires_at": expires_at}, where=over) is not None


def _pay_all(budgets_by_key: Mapping[bytes, Budget], now: datetime) -> Exhausted | None:
    paid: list[bytes] = []
    for key, budget in sorted(budgets_by_key.items(), key=lambda charge: charge[0]):
        if not _pay(key, budget, now):
            for paid_key in paid:
                _give_back(paid_key)
            return Exhausted(until=_started_at(key) + budget.window)
        paid.append(key)
    return None


def _pay(key: bytes, budget: Budget, now: datetime) -> bool:
    over = _columns.started_at <= now - budget.window
    expires_at = now + budget.window
    replaced = {
        "spent": case((over, 1), else_=_columns.spent + 1),
        "started_at": case((over, literal(now, UtcTime())), else_=_columns.started_at),
        "expires_at": case((over, literal(expires_at, UtcTime())), else_=_columns.expires_at),
    }
    row = {"key_hash": key, "spent": 1, "started_at": now, "expires_at": expires_at}
    return upsert_if(budgets, row, replaced=replaced, where=or_(_columns.spent < budget.limit, over)) is not None


def _give_back(key: bytes) -> None:
    statement = update(budgets).where(_columns.key_hash == key, _columns.spent > 0)
    connection().execute(statement.values(spent=_columns.spent - 1))


def _charged(key: bytes, budget: Budget, now: datetime) -> Charged:
    statement = select(_columns.spent, _columns.started_at).where(
        _columns.key_hash == key, _columns.started_at > now - budget.window
    )
    row = connection().execute(statement).one_or_none()
    left = max(0, budget.limit - (row.spent if row else 0))
    return Charged(left=left, until=None if row is None or left else row.started_at + budget.window)


def _started_at(key: bytes) -> datetime:
    started_at: datetime = (
        connection().execute(select(_columns.started_at).where(_columns.key_hash == key)).scalar_one()
    )
    return started_at
