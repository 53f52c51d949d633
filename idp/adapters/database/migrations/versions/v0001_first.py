"""The first schema."""

from typing import Any

from alembic import op
from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Text, text

from idp.adapters.database.migrations.first_linking import create_linking_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
oldest_program = "0001"

_ID, _WORD, _TIME = String(32), String(64), BigInteger()


def upgrade() -> None:
    _people()
    create_linking_tables()
    _signin()
    _protocol()
    _operations()


def _index_where(condition: str, name: str, table: str, *columns: str, **options: Any) -> None:
    where = text(condition)
    op.create_index(name, table, [*columns], sqlite_where=where, postgresql_where=where, **options)


def _people() -> None:
    op.create_table(
        "people",
        Column("id", _ID, primary_key=True),
        Column("sub", String(64), nullable=False, unique=True),
        Column("profile_encrypted", LargeBinary),
        Column("contact_encrypted", LargeBinary),
        Column("email_hash", LargeBinary, index=True),
        Column("phone_hash", LargeBinary, index=True),
        Column("email_confirmed_at", _TIME),
        Column("created_at", _TIME, nullable=False),
        Column("registered_at", _TIME),
        Column("blocked_at", _TIME),
        Column("block_reason", _WORD),
        Column("erased_at", _TIME),
    )
    op.create_table(
        "person_keys",
        Column("person_id", _ID, ForeignKey("people.id"), primary_key=True),
        Column("key_encrypted", LargeBinary, nullable=False),
    )
    person_later = ForeignKey("people.id", deferrable=True, initially="DEFERRED")
    op.create_table(
        "identities",
        Column("id", _ID, primary_key=True),
        Column("person_id", _ID, person_later, nullable=False, index=True),
        Column("scheme", _WORD, nullable=False),
        Column("key_hash", LargeBinary, nullable=False),
        Column("key_encrypted", LargeBinary, nullable=False),
        Column("added_at", _TIME, nullable=False),
    )
    op.create_index("uq_identities_scheme", "identities", ["scheme", "key_hash"], unique=True)
    op.create_table(
        "customers",
        Column("id", _ID, primary_key=True),
        Column("name", Text, nullable=False),
        Column("city", Text, nullable=False),
        Column("organisation_number_hash", LargeBinary, nullable=False, unique=True),
        Column("organisation_number_encrypted", LargeBinary, nullable=False),
        Column("contact_encrypted", LargeBinary),
        Column("reached_by", Text, nullable=False),
        Column("active", Boolean, nullable=False),
        Column("updated_at", _TIME, nullable=False),
    )
    op.create_table(
        "customer_numbers",
        Column("number", _WORD, primary_key=True),
        Column("customer_id", _ID, ForeignKey("customers.id"), nullable=False, index=True),
        Column("last_four_hash", LargeBinary, nullable=False),
        Column("state", _WORD, nullable=False),
    )
    op.create_table(
        "links",
        Column("id", _ID, primary_key=True),
        Column("person_id", _ID, ForeignKey("people.id"), nullable=False, index=True),
        Column("customer_id", _ID, ForeignKey("customers.id"), nullable=False, index=True),
        Column("number", _WORD, nullable=False),
        Column("role", _WORD, nullable=False),
        Column("assurance", _WORD, nullable=False),
        Column("linked_at", _TIME, nullable=False),
        Column("fresh_until", _TIME, nullable=False),
        Column("suspended_at", _TIME),
        Column("ended_at", _TIME),
        Column("end_reason", _WORD),
    )
    _index_where("ended_at IS NULL", "uq_links_standing", "links", "person_id", "customer_id", unique=True)
    op.create_table(
        "authentications",
        Column("id", _ID, primary_key=True),
        Column("person_id", _ID, ForeignKey("people.id"), index=True),
        Column("identity_id", _ID, ForeignKey("identities.id")),
        Column("at", _TIME, nullable=False, index=True),
        Column("method", _WORD, nullable=False),
        Column("provider", Text, nullable=False),
        Column("acr", Text, nullable=False),
        Column("amr", Text, nullable=False),
        Column("txn", _WORD, nullable=False),
        Column("device_ip_encrypted", LargeBinary, nullable=False),
        Column("verdict", _WORD, nullable=False),
        Column("credential_valid_from", _TIME),
        Column("credential_valid_to", _TIME),
    )
    op.create_table(
        "evidence",
        Column("id", _ID, primary_key=True),
        Column("kind", _WORD, nullable=False),
        Column("at", _TIME, nullable=False, index=True),
        Column("authentication_id", _ID, index=True),
        Column("person_id", _ID, index=True),
        Column("customer_id", _ID, index=True),
        Column("client_id", Text),
        Column("sha256", String(64), nullable=False),
        Column("sealed_encrypted", LargeBinary, nullable=False),
    )


def _signin() -> None:
    op.create_table(
        "interactions",
        Column("id", _WORD, primary_key=True),
        Column("browser_hash", _WORD, nullable=False),
        Column("client_id", Text, nullable=False),
        Column("request_encrypted", LargeBinary, nullable=False),
        Column("language", String(8), nullable=False),
        Column("arrived_at", _TIME, nullable=False),
        Column("acted_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("version", Integer, nullable=False),
        Column("identified_at", _TIME),
        Column("authentication_id", _ID),
        Column("person_id", _ID),
        Column("pending_encrypted", LargeBinary),
        Column("verdict", _WORD),
        Column("linked_at", _TIME),
        Column("linked_customer_id", _ID),
        Column("linked_number", _WORD),
        Column("linked_assurance", _WORD),
        Column("linked_waits_for", _WORD),
        Column("contact_code_encrypted", LargeBinary),
        Column("registered_at", _TIME),
        Column("chosen_customer_id", _ID),
        Column("passed", JSON),
        Column("session_id", _ID),
        Column("outcome", _WORD),
        Column("finished_at", _TIME),
        Column("grant_id", _ID),
    )
    op.create_table(
        "bankid_orders",
        Column("id", _ID, primary_key=True),
        Column("identification_id", _WORD, nullable=False),
        Column("launch", _WORD, nullable=False),
        Column("state", _WORD, nullable=False),
        Column("asked_at", _TIME, nullable=False, index=True),
        Column("wanted_at", _TIME, nullable=False),
        Column("restarts", Integer, nullable=False),
        Column("started_at", _TIME),
        Column("started_encrypted", LargeBinary),
        Column("hint_code", _WORD),
        Column("hint_since", _TIME),
        Column("request_encrypted", LargeBinary, nullable=False),
        Column("return_nonce_hash", _WORD),
        Column("returned_at", _TIME),
        Column("polled_at", _TIME),
        Column("answer_encrypted", LargeBinary),
        Column("completion_encrypted", LargeBinary),
        Column("completed_at", _TIME),
        Column("used_at", _TIME),
        Column("next_at", _TIME),
        Column("leased_by", String(255)),
        Column("leased_until", _TIME),
        Column("cancelled_at", _TIME),
    )
    op.create_index("ix_bankid_orders_identification_id", "bankid_orders", ["identification_id", "asked_at"])
    _index_where("next_at IS NOT NULL", "ix_bankid_orders_due", "bankid_orders", "next_at")
    living = "state IN ('wanted', 'pending', 'complete', 'failed')"
    _index_where(living, "uq_bankid_orders_living", "bankid_orders", "identification_id", unique=True)
    op.create_table(
        "sessions",
        Column("id", _ID, primary_key=True),
        Column("cookie_hash", _WORD, nullable=False, unique=True),
        Column("person_id", _ID, ForeignKey("people.id"), nullable=False, index=True),
        Column("authentication_id", _ID, ForeignKey("authentications.id"), nullable=False, index=True),
        Column("sso_group", Text, nullable=False),
        Column("started_at", _TIME, nullable=False),
        Column("seen_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("ended_at", _TIME),
        Column("end_reason", _WORD),
    )
    op.create_table(
        "known_devices",
        Column("id", _ID, primary_key=True),
        Column("person_id", _ID, ForeignKey("people.id"), nullable=False),
        Column("cookie_hash", _WORD, nullable=False),
        Column("logins", Integer, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
    )
    op.create_index("uq_known_devices_person_id", "known_devices", ["person_id", "cookie_hash"], unique=True)
    op.create_table(
        "consents",
        Column("person_id", _ID, ForeignKey("people.id"), primary_key=True),
        Column("client_id", String(255), primary_key=True),
        Column("scope", String(255), primary_key=True),
        Column("allowed_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
    )
    op.create_table(
        "budgets",
        Column("key_hash", LargeBinary, primary_key=True),
        Column("spent", Integer, nullable=False),
        Column("previous_expires_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
    )


def _protocol() -> None:
    op.create_table(
        "grants",
        Column("id", _ID, primary_key=True),
        Column("client_id", Text, nullable=False),
        Column("person_id", _ID, ForeignKey("people.id"), nullable=False, index=True),
        Column("authentication_id", _ID, ForeignKey("authentications.id"), nullable=False, index=True),
        Column("session_id", _ID),
        Column("sid", _WORD),
        Column("scope", Text, nullable=False),
        Column("claims", JSON, nullable=False),
        Column("resources", Text, nullable=False),
        Column("customer_id", _ID),
        Column("redirect_uri", Text, nullable=False),
        Column("nonce", Text),
        Column("code_challenge", Text, nullable=False),
        Column("dpop_jkt", _WORD),
        Column("issued_at", _TIME, nullable=False),
        Column("code_expires_at", _TIME, nullable=False),
        Column("redeemed_at", _TIME),
        Column("offline", Boolean, nullable=False),
        Column("refresh_expires_at", _TIME),
        Column("generation", Integer, nullable=False),
        Column("rotated_at", _TIME),
        Column("retries", Integer, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("revoked_at", _TIME),
        Column("revoke_reason", _WORD),
        Column("pushed_reference_hash", _WORD),
    )
    op.create_index("ix_grants_session_id_issued_at", "grants", ["session_id", "issued_at"])
    answers_pushed = "pushed_reference_hash IS NOT NULL"
    _index_where(answers_pushed, "uq_grants_pushed_reference_hash", "grants", "pushed_reference_hash", unique=True)
    op.create_table(
        "pushed_requests",
        Column("reference_hash", _WORD, primary_key=True),
        Column("client_id", Text, nullable=False),
        Column("parameters_encrypted", LargeBinary, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("visited_at", _TIME),
    )
    op.create_table(
        "initial_tokens",
        Column("id", _ID, primary_key=True),
        Column("token_hash", _WORD, nullable=False, unique=True),
        Column("note", Text, nullable=False),
        Column("security_profile", _WORD, nullable=False),
        Column("created_at", _TIME, nullable=False),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("uses", Integer),
        Column("used", Integer, nullable=False),
        Column("revoked_at", _TIME),
    )
    op.create_table(
        "registered_clients",
        Column("client_id", _WORD, primary_key=True),
        Column("initial_token_id", _ID, nullable=False, index=True),
        Column("security_profile", _WORD, nullable=False),
        Column("metadata_encrypted", LargeBinary, nullable=False),
        Column("access_token_hash", _WORD, nullable=False),
        Column("client_secret_hash", _WORD),
        Column("client_secret_expires_at", _TIME),
        Column("registered_at", _TIME, nullable=False),
        Column("version", Integer, nullable=False),
    )
    op.create_table(
        "seen_ids",
        Column("id_hash", LargeBinary, primary_key=True),
        Column("expires_at", _TIME, nullable=False, index=True),
    )


def _operations() -> None:
    op.create_table(
        "supported_programs",
        Column("schema", _WORD, primary_key=True),
        Column("oldest_program", _WORD, nullable=False),
    )
    op.create_table(
        "secret_canaries",
        Column("name", _WORD, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("canary_hash", LargeBinary, nullable=False),
    )
    op.create_table(
        "collector_heartbeats",
        Column("worker", _WORD, primary_key=True),
        Column("seen_at", _TIME, nullable=False),
    )
    op.create_table(
        "outbox",
        Column("id", _ID, primary_key=True),
        Column("kind", _WORD, nullable=False),
        Column("key", String(255), nullable=False, unique=True),
        Column("payload_encrypted", LargeBinary),
        Column("created_at", _TIME, nullable=False),
        Column("next_at", _TIME),
        Column("tries", Integer, nullable=False),
        Column("leased_by", String(255)),
        Column("leased_until", _TIME),
        Column("delivered_at", _TIME),
        Column("gave_up_at", _TIME),
        Column("last_error", _WORD),
    )
    _index_where("next_at IS NOT NULL", "ix_outbox_due", "outbox", "next_at")
    op.create_table(
        "audit",
        Column("id", _ID, primary_key=True),
        Column("at", _TIME, nullable=False, index=True),
        Column("event", _WORD, nullable=False),
        Column("person_id", _ID, index=True),
        Column("facts", Text, nullable=False),
        Column("writer", _ID, nullable=False),
        Column("number", Integer, nullable=False),
        Column("outstanding", Text),
        Column("mark_hash", LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_seals",
        Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
        Column("audit_id", _ID, nullable=False, unique=True),
        Column("chain_hash", LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_ends",
        Column("name", _WORD, primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("chain_hash", LargeBinary, nullable=False),
        Column("at", _TIME, nullable=False),
        Column("mark_hash", LargeBinary, nullable=False),
    )
    op.create_table(
        "incidents",
        Column("code", _WORD, primary_key=True),
        Column("at", _TIME, nullable=False, index=True),
        Column("facts", JSON, nullable=False),
    )
