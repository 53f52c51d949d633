"""The sweeper: what has expired is deleted, a little at a time, so that nobody waits for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select

from idp.adapters.database.engine import connection
from idp.adapters.database.linking_tables import approvals, freeze_secrets, invitations, link_attempts, link_unlocks
from idp.adapters.database.tables import (
    authentications,
    bankid_orders,
    budgets,
    collector_heartbeats,
    consents,
    evidence,
    grants,
    incidents,
    initial_tokens,
    interactions,
    known_devices,
    outbox,
    pushed_requests,
    seen_ids,
    sessions,
)
from idp.core.linking.support import SECOND_WITHIN

AFTER_EXPIRY = timedelta(days=7)
"""Grants and sessions stay so long, for questions about them."""
INTERACTIONS_AFTER_EXPIRY = timedelta(hours=24)
ORDERS_KEPT = timedelta(hours=24)
"""Of an interaction that lives longer, too: an order's secrets are of no use after minutes."""
AUTHENTICATIONS_KEPT = timedelta(days=90)
FREEZE_SECRETS_AFTER_EXPIRY = timedelta(days=60)
"""So that a link in an old e-mail still says what became of it."""
LINK_ATTEMPTS_KEPT = timedelta(days=90)
INCIDENTS_KEPT = timedelta(days=90)
INITIAL_TOKENS_KEPT = timedelta(days=90)
"""After their end, so that an operator can see whose clients are whose."""
DELIVERED_KEPT = timedelta(days=30)
HEARTBEATS_KEPT = timedelta(days=1)
AUDIT_KEPT = timedelta(days=365)
"""Its rows go from the beginning of the chain; see `audit_chain`."""


def sweep(now: datetime, *, batch: int = 500) -> Mapping[str, int]:
    """Delete at most `batch` expired rows of each table; returns how many went, by table, where any did.

    Repeat in new units of work while a count equals `batch`. Two sweepers at once do no harm.
    """
    swept = {table.name: _sweep(table, condition, batch) for table, condition in _expired(now)}
    return {name: count for name, count in swept.items() if count}


def _expired(now: datetime) -> list[tuple[Table, ColumnElement[bool]]]:
    """In the order of their references: what points to others goes first."""
    delivered = or_(outbox.c.delivered_at <= now - DELIVERED_KEPT, outbox.c.gave_up_at <= now - DELIVERED_KEPT)
    return [
        (seen_ids, seen_ids.c.expires_at <= now),
        (pushed_requests, pushed_requests.c.expires_at <= now),
        (bankid_orders, bankid_orders.c.asked_at <= now - ORDERS_KEPT),
        (invitations, invitations.c.expires_at <= now - AFTER_EXPIRY),
        (approvals, approvals.c.expires_at <= now - AFTER_EXPIRY),
        (interactions, interactions.c.expires_at <= now - INTERACTIONS_AFTER_EXPIRY),
        (grants, grants.c.expires_at <= now - AFTER_EXPIRY),
        (sessions, sessions.c.expires_at <= now - AFTER_EXPIRY),
        (known_devices, known_devices.c.expires_at <= now),
        (consents, consents.c.expires_at <= now),
        (initial_tokens, initial_tokens.c.expires_at <= now - INITIAL_TOKENS_KEPT),
        (budgets, budgets.c.expires_at <= now),
        (evidence, evidence.c.expires_at <= now),
        (authentications, _unused_authentication(now)),
        (link_attempts, link_attempts.c.at <= now - LINK_ATTEMPTS_KEPT),
        (freeze_secrets, freeze_secrets.c.expires_at <= now - FREEZE_SECRETS_AFTER_EXPIRY),
        (link_unlocks, link_unlocks.c.asked_at <= now - SECOND_WITHIN),
        (outbox, delivered),
        (incidents, incidents.c.at <= now - INCIDENTS_KEPT),
        (collector_heartbeats, collector_heartbeats.c.seen_at <= now - HEARTBEATS_KEPT),
    ]


def _unused_authentication(now: datetime) -> ColumnElement[bool]:
    return and_(
        authentications.c.at <= now - AUTHENTICATIONS_KEPT,
        ~_refers(grants, grants.c.authentication_id),
        ~_refers(sessions, sessions.c.authentication_id),
        ~_refers(evidence, evidence.c.authentication_id),
    )


def _refers(table: Table, column: ColumnElement[str]) -> ColumnElement[bool]:
    return select(table.c[next(iter(table.primary_key)).name]).where(column == authentications.c.id).exists()


def _sweep(table: Table, condition: ColumnElement[bool], batch: int) -> int:
    keys = list(table.primary_key)
    if len(keys) == 1:
        found = connection().execute(select(keys[0]).where(condition).limit(batch)).scalars().all()
        return _delete(table, keys[0].in_(found), condition) if found else 0
    rows = connection().execute(select(*keys).where(condition).limit(batch)).all()
    each = [and_(*(key == value for key, value in zip(keys, row, strict=True))) for row in rows]
    return _delete(table, or_(*each), condition) if each else 0


def _delete(table: Table, chosen: ColumnElement[bool], condition: ColumnElement[bool]) -> int:
    return connection().execute(delete(table).where(chosen, condition)).rowcount
