"""The sweeper: what has been kept for long enough is deleted or emptied, a little at a time, so that nobody waits for it.

How long that is stands in the settings, and in `idp/retention.py` for every table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, or_, select, update

from idp.adapters.database.engine import connection
from idp.adapters.database.evidence import is_over
from idp.adapters.database.linking_tables import approvals, freeze_secrets, invitations, link_attempts, link_unlocks
from idp.adapters.database.tables import (
    LINK_STANDS,
    authentications,
    bankid_orders,
    budgets,
    collector_heartbeats,
    consents,
    customer_numbers,
    customers,
    evidence,
    grants,
    incidents,
    initial_tokens,
    interactions,
    known_devices,
    links,
    outbox,
    pushed_requests,
    seen_ids,
    sessions,
)
from idp.core.linking.support import SECOND_WITHIN
from idp.core.messages import ACCOUNT_UNUSED_KIND
from idp.retention import Retention

HEARTBEATS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Emptied:
    """Rows that stay, with less in them; `name` stands in the figures."""

    name: str
    table: Table
    condition: ColumnElement[bool]
    values: Mapping[str, Any]


def sweep(now: datetime, kept: Retention, *, batch: int = 500) -> Mapping[str, int]:
    """Delete or empty at most `batch` rows by each rule; returns how many there were, by table or column, where any were.

    Repeat in new units of work while a count equals `batch`. Two sweepers at once do no harm.
    """
    swept = {rule.name: _empty(rule, batch) for rule in _less(now, kept)}
    swept |= {table.name: _sweep(table, condition, batch) for table, condition in _expired(now, kept)}
    return {name: count for name, count in swept.items() if count}


def _expired(now: datetime, kept: Retention) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """In the order of their references: what points to others goes first."""
    yield seen_ids, seen_ids.c.expires_at <= now
    yield pushed_requests, pushed_requests.c.expires_at <= now
    yield bankid_orders, bankid_orders.c.asked_at <= now - kept.login_under_way
    yield invitations, invitations.c.expires_at <= now - kept.session
    yield approvals, approvals.c.expires_at <= now - kept.session
    yield interactions, interactions.c.expires_at <= now - kept.login_under_way
    yield grants, grants.c.expires_at <= now - kept.session
    yield sessions, sessions.c.expires_at <= now - kept.session
    yield known_devices, known_devices.c.expires_at <= now
    yield consents, consents.c.expires_at <= now
    yield initial_tokens, initial_tokens.c.expires_at <= now - kept.initial_token
    yield budgets, budgets.c.expires_at <= now
    yield authentications, and_(_is_old_login(now, kept), _another_login_is_known())
    yield link_attempts, link_attempts.c.at <= now - kept.attempt
    yield freeze_secrets, freeze_secrets.c.expires_at <= now - kept.freeze_notice
    yield link_unlocks, link_unlocks.c.asked_at <= now - SECOND_WITHIN
    yield outbox, _is_told(now, kept)
    yield incidents, incidents.c.at <= now - kept.incident
    yield collector_heartbeats, collector_heartbeats.c.seen_at <= now - HEARTBEATS_KEPT
    yield links, links.c.ended_at <= now - kept.link
    yield evidence, is_over(now, kept)
    yield customer_numbers, customer_numbers.c.customer_id.in_(_left_without_links(now, kept))
    numbered = exists().where(customer_numbers.c.customer_id == customers.c.id)
    yield customers, and_(customers.c.id.in_(_left_without_links(now, kept)), ~numbered)


def _less(now: datetime, kept: Retention) -> Iterator[_Emptied]:
    left = select(customers.c.id).where(_has_left(now, kept))
    of_left = and_(LINK_STANDS, links.c.customer_id.in_(left))
    yield _Emptied("links.ended_at", links, of_left, {"ended_at": now, "end_reason": "customer_left"})
    reachable = and_(_has_left(now, kept), customers.c.contact_encrypted.is_not(None))
    yield _Emptied("customers.contact_encrypted", customers, reachable, {"contact_encrypted": None})
    has_address = and_(_is_old_login(now, kept), authentications.c.device_ip_encrypted != b"")
    yield _Emptied("authentications.device_ip_encrypted", authentications, has_address, {"device_ip_encrypted": b""})


def _is_old_login(now: datetime, kept: Retention) -> ColumnElement[bool]:
    return and_(
        authentications.c.at <= now - kept.login,
        ~_refers(grants, grants.c.authentication_id),
        ~_refers(sessions, sessions.c.authentication_id),
    )


def _another_login_is_known() -> ColumnElement[bool]:
    """Of each person one stays: it says since when an account is unused."""
    newer = authentications.alias()
    is_newer = or_(
        newer.c.at > authentications.c.at,
        and_(newer.c.at == authentications.c.at, newer.c.id > authentications.c.id),
    )
    of_person = newer.c.person_id == authentications.c.person_id
    return or_(authentications.c.person_id.is_(None), select(newer.c.id).where(of_person, is_newer).exists())


def _is_told(now: datetime, kept: Retention) -> ColumnElement[bool]:
    """A warning stays until the account is erased, for nobody's is erased without one."""
    since = now - kept.message
    told = or_(outbox.c.delivered_at <= since, outbox.c.gave_up_at <= since)
    is_needed = and_(
        outbox.c.kind == ACCOUNT_UNUSED_KIND, outbox.c.created_at > now - 2 * kept.unused_account_warning - kept.message
    )
    return and_(told, ~is_needed)


def _has_left(now: datetime, kept: Retention) -> ColumnElement[bool]:
    return and_(customers.c.active.is_(False), customers.c.updated_at <= now - kept.customer_left)


def _left_without_links(now: datetime, kept: Retention) -> Any:
    linked = exists().where(links.c.customer_id == customers.c.id)
    return select(customers.c.id).where(_has_left(now, kept), ~linked)


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


def _empty(rule: _Emptied, batch: int) -> int:
    key = next(iter(rule.table.primary_key))
    found = connection().execute(select(key).where(rule.condition).limit(batch)).scalars().all()
    if not found:
        return 0
    return connection().execute(update(rule.table).where(key.in_(found), rule.condition).values(rule.values)).rowcount
