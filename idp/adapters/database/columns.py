"""What tables are made of: column types that mean the same on SQLite and PostgreSQL, and how constraints are named."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(
    naming_convention={
        **{kind: f"{kind}_%(table_name)s_%(column_0_N_name)s" for kind in ("ix", "uq", "fk")},
        "pk": "pk_%(table_name)s",
    }
)


def microseconds(moment: datetime) -> int:
    """As it is stored: microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """What `microseconds` was made of."""
    return _EPOCH + timedelta(microseconds=stored)


class UtcTime(TypeDecorator[datetime]):
    """A moment, stored as microseconds since 1970; takes and gives aware datetimes only."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Raise ValueError for a naive datetime: nobody knows which moment it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be stored")
        return microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Words(TypeDecorator[tuple[str, ...]]):
    """Words without spaces, in order, such as a scope (RFC 6749 3.3)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else " ".join(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002
        return None if value is None else tuple(value.split())
