"""Initial access tokens and clients that registered themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "initial_tokens",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("security_profile", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("hour_began_at", sa.BigInteger(), nullable=True),
        sa.Column("in_this_hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initial_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_initial_tokens_token_hash")),
    )
    op.create_index(op.f("ix_initial_tokens_expires_at"), "initial_tokens", ["expires_at"], unique=False)
    op.create_table(
        "registered_clients",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("initial_token_id", sa.String(length=32), nullable=False),
        sa.Column("security_profile", sa.String(length=64), nullable=False),
        sa.Column("metadata_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("access_token_hash", sa.String(length=64), nullable=False),
        sa.Column("client_secret_hash", sa.String(length=64), nullable=True),
        sa.Column("client_secret_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hour_began_at", sa.BigInteger(), nullable=True),
        sa.Column("in_this_hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_registered_clients")),
    )
    op.create_index(
        op.f("ix_registered_clients_initial_token_id"), "registered_clients", ["initial_token_id"], unique=False
    )
