"""The grant that answers a pushed request uses it up; the grants of a session say when it was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ANSWERS_PUSHED = sa.text("pushed_reference_hash IS NOT NULL")


def upgrade() -> None:
    op.add_column("grants", sa.Column("pushed_reference_hash", sa.String(length=64), nullable=True))
    op.create_index(
        "uq_grants_pushed_reference_hash",
        "grants",
        ["pushed_reference_hash"],
        unique=True,
        sqlite_where=_ANSWERS_PUSHED,
        postgresql_where=_ANSWERS_PUSHED,
    )
    op.create_index("ix_grants_session_id_issued_at", "grants", ["session_id", "issued_at"], unique=False)
    op.drop_index("ix_grants_session_id", "grants")
    op.drop_column("pushed_requests", "used_at")
