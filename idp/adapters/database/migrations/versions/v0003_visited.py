"""When a browser first came with a pushed request's reference."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pushed_requests", sa.Column("visited_at", sa.BigInteger(), nullable=True))
