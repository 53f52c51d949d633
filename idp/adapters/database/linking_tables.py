"""The tables of who tried to be linked, and what support gave back; a part of `tables.py`."""

from sqlalchemy import Column, Table
from sqlalchemy.types import LargeBinary, String

from idp.adapters.database.columns import UtcTime, metadata

_ID, _WORD = String(32), String(64)

link_attempts = Table(
    "link_attempts",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
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
"""Who tried which customer number. No row is referred to, for an attempt outlives what it was about, and is swept first."""

freeze_secrets = Table(
    "freeze_secrets",
    metadata,
    Column("secret_hash", _WORD, primary_key=True),
    Column("person_id", _ID, nullable=False, index=True),
    Column("customer_id", _ID, nullable=False),
    Column("linked_at", UtcTime, nullable=False),
    Column("told", _WORD, nullable=False),
    Column("given_out_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("used_at", UtcTime),
    Column("reference", _WORD),
)
"""What notices of new users hold; used up where there is a reference."""

link_unlocks = Table(
    "link_unlocks",
    metadata,
    Column("what_hash", LargeBinary, primary_key=True),
    Column("operator", _WORD, primary_key=True),
    Column("asked_at", UtcTime, nullable=False, index=True),
)
"""What one operator asked for in a case, until another does."""
