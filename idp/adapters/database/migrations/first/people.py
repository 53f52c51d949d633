"""People, customers, who is linked to whom, and how they were identified."""

import sqlalchemy as sa
from alembic import op


def create() -> None:
    _people()
    _customers()
    _customer_numbers()
    _links()
    _authentications()
    _evidence()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=False),
        sa.Column("personal_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("personal_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("profile_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("email_confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=True),
        sa.Column("blocked_at", sa.BigInteger(), nullable=True),
        sa.Column("block_reason", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("personal_number_hash", name=op.f("uq_people_personal_number_hash")),
        sa.UniqueConstraint("sub", name=op.f("uq_people_sub")),
    )
    op.create_index(op.f("ix_people_email_hash"), "people", ["email_hash"], unique=False)
    op.create_index(op.f("ix_people_phone_hash"), "people", ["phone_hash"], unique=False)


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("organisation_number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("organisation_number_hash", name=op.f("uq_customers_organisation_number_hash")),
    )


def _customer_numbers() -> None:
    op.create_table(
        "customer_numbers",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("last_four_hash", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_numbers_customer_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer_numbers")),
    )
    op.create_index(op.f("ix_customer_numbers_customer_id"), "customer_numbers", ["customer_id"], unique=False)


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("assurance", sa.String(length=64), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_links_customer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_links_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_customer_id"), "links", ["customer_id"], unique=False)
    op.create_index(op.f("ix_links_person_id"), "links", ["person_id"], unique=False)
    op.create_index(
        "uq_links_standing",
        "links",
        ["person_id", "customer_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _authentications() -> None:
    op.create_table(
        "authentications",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("acr", sa.Text(), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("txn", sa.String(length=64), nullable=False),
        sa.Column("device_ip_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("credential_valid_from", sa.BigInteger(), nullable=True),
        sa.Column("credential_valid_to", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_authentications_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authentications")),
    )
    op.create_index(op.f("ix_authentications_at"), "authentications", ["at"], unique=False)
    op.create_index(op.f("ix_authentications_person_id"), "authentications", ["person_id"], unique=False)


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("authentication_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("bankid_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authentication_id"], ["authentications.id"], name=op.f("fk_evidence_authentication_id")
        ),
        sa.PrimaryKeyConstraint("authentication_id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_expires_at"), "evidence", ["expires_at"], unique=False)
