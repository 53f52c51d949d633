"""The tables of who tried to be linked or waits to be, and of what ends it."""

from sqlalchemy import Column, ForeignKey, Table, text
from sqlalchemy.types import LargeBinary

from idp.adapters.database.columns import UtcTime
from idp.adapters.database.schema import ID, WORD, index_where, metadata

approvals = Table(
    "approvals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("asker_hash", LargeBinary, nullable=False, index=True),
    Column("asker_encrypted", LargeBinary, nullable=False),
    Column("customer_id", ID, ForeignKey("customers.id"), nullable=False),
    Column("number", WORD, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("answer", WORD, nullable=False),
    Column("answered_at", UtcTime),
    Column("answered_by", ID, ForeignKey("people.id")),
    Column("used_at", UtcTime),
)
APPROVAL_IS_AWAITED = text("answer = 'awaited'")
index_where(APPROVAL_IS_AWAITED, "uq_approvals_awaited", approvals.c.asker_hash, approvals.c.customer_id, unique=True)

link_attempts = Table(
    "link_attempts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("reference", WORD, nullable=False, index=True),
    Column("identity_hash", LargeBinary, nullable=False, index=True),
    Column("identity_encrypted", LargeBinary, nullable=False),
    Column("person_id", ID),
    Column("authentication_id", ID, nullable=False),
    Column("verdict", WORD, nullable=False),
    Column("interaction_id", WORD, nullable=False),
    Column("number_hash", LargeBinary, nullable=False, index=True),
    Column("customer_id", ID, index=True),
    Column("tier", WORD, nullable=False),
    Column("result", WORD, nullable=False),
    Column("network", WORD),
)
"""Who tried which customer number. No row is referred to, for an attempt outlives what it was about, and is swept first."""

freeze_secrets = Table(
    "freeze_secrets",
    metadata,
    Column("secret_hash", WORD, primary_key=True),
    Column("person_id", ID, nullable=False, index=True),
    Column("customer_id", ID, nullable=False),
    Column("linked_at", UtcTime, nullable=False),
    Column("told", WORD, nullable=False),
    Column("given_out_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("used_at", UtcTime),
    Column("reference", WORD),
)
"""What notices of new users hold; used up where there is a reference."""

link_unlocks = Table(
    "link_unlocks",
    metadata,
    Column("what_hash", LargeBinary, primary_key=True),
    Column("operator", WORD, primary_key=True),
    Column("asked_at", UtcTime, nullable=False, index=True),
)
"""What one operator asked for in a case, until another does."""

invitations = Table(
    "invitations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("customer_id", ID, ForeignKey("customers.id"), nullable=False),
    Column("number", WORD, nullable=False),
    Column("invited_encrypted", LargeBinary, nullable=False),
    Column("invited_by", ID, ForeignKey("people.id")),
    Column("invited_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("taken_by_hash", LargeBinary, index=True),
    Column("taken_at", UtcTime),
)

TABLES = (approvals, invitations, link_attempts, freeze_secrets, link_unlocks)
