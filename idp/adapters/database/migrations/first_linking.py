"""The tables of linking in the first schema, beside it because one module would be too long."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, text

_ID, _WORD, _TIME = String(32), String(64), BigInteger()


def create_linking_tables() -> None:
    """Who tried to be linked or waits to be, and what ends it."""
    op.create_table(
        "approvals",
        Column("id", _ID, primary_key=True),
        Column("asker_hash", LargeBinary, nullable=False, index=True),
        Column("asker_encrypted", LargeBinary, nullable=False),
        Column("customer_id", _ID, ForeignKey("customers.id"), nullable=False),
        Column("number", _WORD, nullable=False),
        Column("asked_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("answer", _WORD, nullable=False),
        Column("answered_at", _TIME),
        Column("answered_by", _ID, ForeignKey("people.id")),
        Column("used_at", _TIME),
    )
    awaited = text("answer = 'awaited'")
    columns = ["asker_hash", "customer_id"]
    op.create_index(
        "uq_approvals_awaited", "approvals", columns, unique=True, sqlite_where=awaited, postgresql_where=awaited
    )
    op.create_table(
        "link_attempts",
        Column("id", _ID, primary_key=True),
        Column("at", _TIME, nullable=False, index=True),
        Column("reference", _WORD, nullable=False, index=True),
        Column("identity_hash", LargeBinary, nullable=False, index=True),
        Column("identity_encrypted", LargeBinary, nullable=False),
        Column("person_id", _ID),
        Column("authentication_id", _ID, nullable=False),
        Column("verdict", _WORD, nullable=False),
        Column("interaction_id", _WORD, nullable=False),
        Column("number_hash", LargeBinary, nullable=False, index=True),
        Column("customer_id", _ID, index=True),
        Column("tier", _WORD, nullable=False),
        Column("result", _WORD, nullable=False),
        Column("network", _WORD),
    )
    op.create_table(
        "freeze_secrets",
        Column("secret_hash", _WORD, primary_key=True),
        Column("person_id", _ID, nullable=False, index=True),
        Column("customer_id", _ID, nullable=False),
        Column("linked_at", _TIME, nullable=False),
        Column("told", _WORD, nullable=False),
        Column("given_out_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("used_at", _TIME),
        Column("reference", _WORD),
    )
    op.create_table(
        "link_unlocks",
        Column("what_hash", LargeBinary, primary_key=True),
        Column("operator", _WORD, primary_key=True),
        Column("asked_at", _TIME, nullable=False, index=True),
    )
    op.create_table(
        "invitations",
        Column("id", _ID, primary_key=True),
        Column("secret_hash", LargeBinary, nullable=False, unique=True),
        Column("customer_id", _ID, ForeignKey("customers.id"), nullable=False),
        Column("number", _WORD, nullable=False),
        Column("invited_encrypted", LargeBinary, nullable=False),
        Column("invited_by", _ID, ForeignKey("people.id")),
        Column("invited_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("taken_by_hash", LargeBinary, index=True),
        Column("taken_at", _TIME),
    )
