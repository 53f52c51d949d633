"""What all tables are made of."""

from typing import Any

from sqlalchemy import Column, Index, MetaData, TextClause
from sqlalchemy.types import String

metadata = MetaData(
    naming_convention={
        **{kind: f"{kind}_%(table_name)s_%(column_0_N_name)s" for kind in ("ix", "uq", "fk")},
        "pk": "pk_%(table_name)s",
    }
)

ID, WORD = String(32), String(64)


def index_where(condition: TextClause, name: str, *columns: Column[Any], unique: bool = False) -> None:
    """Index the rows that meet a condition, on either database."""
    Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
