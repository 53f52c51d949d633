"""Accounts that nobody has logged in to for long: the last authentication of a person is never swept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from idp.adapters.database.engine import connection
from idp.adapters.database.person_keys import PEOPLE_WITH_KEYS
from idp.adapters.database.tables import LINK_STANDS, authentications, links, outbox, people
from idp.core.accounts.unused import Unused
from idp.core.messages import ACCOUNT_UNUSED_KIND

_LAST_LOGIN = select(func.max(authentications.c.at)).where(authentications.c.person_id == people.c.id).scalar_subquery()
_USED_AT = func.coalesce(_LAST_LOGIN, people.c.created_at)
_MAY_COME_BACK = and_(
    people.c.blocked_at.is_(None),
    ~exists().where(links.c.person_id == people.c.id, LINK_STANDS, links.c.suspended_at.is_not(None)),
)
_IS_THEIR_WARNING = outbox.c.key == literal(f"{ACCOUNT_UNUSED_KIND}:").concat(people.c.id)
_CAN_BE_TOLD = people.c.contact_encrypted.is_not(None)


class DatabaseUnusedAccounts:
    """The port `UnusedAccounts`."""

    @staticmethod
    def to_warn(unused_since: datetime, limit: int) -> Sequence[Unused]:
        unwarned = and_(_CAN_BE_TOLD, ~exists().where(_IS_THEIR_WARNING))
        rows = connection().execute(_unused(unused_since, unwarned, limit))
        return [Unused(person_id=row.id, used_at=row.used_at) for row in rows]

    @staticmethod
    def to_erase(unused_since: datetime, warned_before: datetime, limit: int) -> Sequence[str]:
        warned = exists().where(_IS_THEIR_WARNING, outbox.c.created_at <= warned_before)
        rows = connection().execute(_unused(unused_since, or_(~_CAN_BE_TOLD, warned), limit))
        return [row.id for row in rows]

    @staticmethod
    def was_used_since(person_id: str, since: datetime) -> bool:
        of_person = authentications.c.person_id == person_id, authentications.c.at > since
        return connection().execute(select(authentications.c.id).where(*of_person).limit(1)).first() is not None


def _unused(since: datetime, condition: ColumnElement[bool], limit: int) -> Any:
    used_at = func.coalesce(_LAST_LOGIN, people.c.created_at, type_=people.c.created_at.type).label("used_at")
    return (
        select(people.c.id, used_at)
        .select_from(PEOPLE_WITH_KEYS)
        .where(people.c.created_at <= since, used_at <= since, _MAY_COME_BACK, condition)
        .order_by(people.c.id)
        .limit(limit)
    )
