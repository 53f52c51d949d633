"""The journey: interactions, BankID orders, sessions, consents and budgets of tries."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    _interactions()
    _bankid_orders()
    _sessions()
    _consents()
    _budgets()
    _wrong_pairs()


def _interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("request_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("acted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("identified_at", sa.BigInteger(), nullable=True),
        sa.Column("authentication_id", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("pending_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("linked_at", sa.BigInteger(), nullable=True),
        sa.Column("linked_customer_id", sa.String(length=32), nullable=True),
        sa.Column("linked_number", sa.String(length=64), nullable=True),
        sa.Column("registered_at", sa.BigInteger(), nullable=True),
        sa.Column("chosen_customer_id", sa.String(length=32), nullable=True),
        sa.Column("consented_at", sa.BigInteger(), nullable=True),
        sa.Column("consented_scope", sa.Text(), nullable=True),
        sa.Column("session_id", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
    )
    op.create_index(op.f("ix_interactions_expires_at"), "interactions", ["expires_at"], unique=False)


def _bankid_orders() -> None:
    op.create_table(
        "bankid_orders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("interaction_id", sa.String(length=64), nullable=False),
        sa.Column("launch", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("started_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("hint_code", sa.String(length=64), nullable=True),
        sa.Column("hint_since", sa.BigInteger(), nullable=True),
        sa.Column("request_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("return_nonce_hash", sa.String(length=64), nullable=True),
        sa.Column("returned_at", sa.BigInteger(), nullable=True),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("completion_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.String(length=255), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_bankid_orders_interaction_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bankid_orders")),
    )
    op.create_index("ix_bankid_orders_asked_at", "bankid_orders", ["asked_at"], unique=False)
    op.create_index(
        "ix_bankid_orders_due",
        "bankid_orders",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index("ix_bankid_orders_interaction_id", "bankid_orders", ["interaction_id", "asked_at"], unique=False)
    op.create_index(
        "uq_bankid_orders_living",
        "bankid_orders",
        ["interaction_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('wanted', 'pending', 'complete', 'failed')"),
        postgresql_where=sa.text("state IN ('wanted', 'pending', 'complete', 'failed')"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("cookie_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("authentication_id", sa.String(length=32), nullable=False),
        sa.Column("sso_group", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["authentication_id"], ["authentications.id"], name=op.f("fk_sessions_authentication_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("cookie_hash", name=op.f("uq_sessions_cookie_hash")),
    )
    op.create_index(op.f("ix_sessions_authentication_id"), "sessions", ["authentication_id"], unique=False)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.String(length=255), nullable=False),
        sa.Column("allowed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_consents_person_id")),
        sa.PrimaryKeyConstraint("person_id", "client_id", "scope", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_expires_at"), "consents", ["expires_at"], unique=False)


def _budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_budgets")),
    )
    op.create_index(op.f("ix_budgets_expires_at"), "budgets", ["expires_at"], unique=False)


def _wrong_pairs() -> None:
    op.create_table(
        "wrong_pairs",
        sa.Column("pair_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair_hash", name=op.f("pk_wrong_pairs")),
    )
    op.create_index(op.f("ix_wrong_pairs_expires_at"), "wrong_pairs", ["expires_at"], unique=False)
