"""Every table; a column named `…_encrypted` holds encrypted fields, one named `…_hash` a hash of what is kept nowhere.

Times are microseconds since 1970 and come from the caller, never from the database's own clock; ids are 32 hex digits.
"""

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Table, text
from sqlalchemy.types import JSON, BigInteger, Boolean, Integer, LargeBinary, String, Text

from idp.adapters.database import linking_tables, schema
from idp.adapters.database.columns import UtcTime, Words
from idp.adapters.database.schema import ID, WORD, index_where

metadata = schema.metadata
_ID, _WORD = ID, WORD

MORE = linking_tables.TABLES
"""Tables of another module, so that `metadata` has them as soon as this one is loaded."""


def _moments(*names: str) -> list[Column[Any]]:
    """Times of what may never happen."""
    return [Column(name, UtcTime) for name in names]


supported_programs = Table(
    "supported_programs",
    metadata,
    Column("schema", _WORD, primary_key=True),
    Column("oldest_program", _WORD, nullable=False),
)
"""One row, about the schema that the database has; see `migrations`."""

secret_canaries = Table(
    "secret_canaries",
    metadata,
    Column("name", _WORD, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("canary_hash", LargeBinary, nullable=False),
)
"""A mark of each secret that closed something here; see `core.oidc.keys.canary`."""

collector_heartbeats = Table(
    "collector_heartbeats",
    metadata,
    Column("worker", _WORD, primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
)
"""When each process that speaks to BankID was last at work."""

people = Table(
    "people",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("sub", String(64), nullable=False, unique=True),
    Column("profile_encrypted", LargeBinary),
    Column("contact_encrypted", LargeBinary),
    Column("email_hash", LargeBinary, index=True),
    Column("phone_hash", LargeBinary, index=True),
    Column("email_confirmed_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("registered_at", UtcTime),
    Column("blocked_at", UtcTime),
    Column("block_reason", _WORD),
    Column("erased_at", UtcTime),
)
"""Of somebody who was erased, id and `sub` stay, so that no account ever gets them again."""

person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", _ID, ForeignKey("people.id"), primary_key=True),
    Column("key_encrypted", LargeBinary, nullable=False),
)
"""The key under which what is personal of one person is encrypted. Erasure destroys it, so no backup that is kept holds it."""

_PERSON_LATER = ForeignKey("people.id", deferrable=True, initially="DEFERRED")
"""The identity comes first, because it decides who of two makes the account."""
identities = Table(
    "identities",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("person_id", _ID, _PERSON_LATER, nullable=False, index=True),
    Column("scheme", _WORD, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("key_encrypted", LargeBinary, nullable=False),
    Column("added_at", UtcTime, nullable=False),
)
Index("uq_identities_scheme", identities.c.scheme, identities.c.key_hash, unique=True)

customers = Table(
    "customers",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("organisation_number_hash", LargeBinary, nullable=False, unique=True),
    Column("organisation_number_encrypted", LargeBinary, nullable=False),
    Column("contact_encrypted", LargeBinary),
    Column("reached_by", Words, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

customer_numbers = Table(
    "customer_numbers",
    metadata,
    Column("number", _WORD, primary_key=True),
    Column("customer_id", _ID, ForeignKey("customers.id"), nullable=False, index=True),
    Column("last_four_hash", LargeBinary, nullable=False),
    Column("state", _WORD, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("person_id", _ID, ForeignKey("people.id"), nullable=False, index=True),
    Column("customer_id", _ID, ForeignKey("customers.id"), nullable=False, index=True),
    Column("number", _WORD, nullable=False),
    Column("role", _WORD, nullable=False),
    Column("assurance", _WORD, nullable=False),
    Column("linked_at", UtcTime, nullable=False),
    Column("fresh_until", UtcTime, nullable=False),
    Column("suspended_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("end_reason", _WORD),
)
LINK_STANDS = text("ended_at IS NULL")
index_where(LINK_STANDS, "uq_links_standing", links.c.person_id, links.c.customer_id, unique=True)

authentications = Table(
    "authentications",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("person_id", _ID, ForeignKey("people.id"), index=True),
    Column("identity_id", _ID, ForeignKey("identities.id")),
    Column("at", UtcTime, nullable=False, index=True),
    Column("method", _WORD, nullable=False),
    Column("provider", Text, nullable=False),
    Column("acr", Text, nullable=False),
    Column("amr", Words, nullable=False),
    Column("txn", _WORD, nullable=False),
    Column("device_ip_encrypted", LargeBinary, nullable=False),
    Column("verdict", _WORD, nullable=False),
    *_moments("credential_valid_from", "credential_valid_to"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", _WORD, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    *(Column(outlived, _ID, index=True) for outlived in ("authentication_id", "person_id", "customer_id")),
    Column("client_id", Text),
    Column("sha256", String(64), nullable=False),
    Column("sealed_encrypted", LargeBinary, nullable=False),
)

interactions = Table(
    "interactions",
    metadata,
    Column("id", _WORD, primary_key=True),
    Column("browser_hash", _WORD, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("request_encrypted", LargeBinary, nullable=False),
    Column("language", String(8), nullable=False),
    Column("arrived_at", UtcTime, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    *_moments("identified_at", "linked_at", "registered_at", "finished_at"),
    Column("authentication_id", _ID),
    Column("person_id", _ID),
    Column("pending_encrypted", LargeBinary),
    Column("verdict", _WORD),
    Column("linked_customer_id", _ID),
    Column("linked_number", _WORD),
    Column("linked_assurance", _WORD),
    Column("linked_waits_for", _WORD),
    Column("contact_code_encrypted", LargeBinary),
    Column("chosen_customer_id", _ID),
    Column("passed", JSON),
    Column("session_id", _ID),
    Column("outcome", _WORD),
    Column("grant_id", _ID),
)

bankid_orders = Table(
    "bankid_orders",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("identification_id", _WORD, nullable=False),
    Column("launch", _WORD, nullable=False),
    Column("state", _WORD, nullable=False),
    Column("asked_at", UtcTime, nullable=False, index=True),
    Column("wanted_at", UtcTime, nullable=False),
    Column("restarts", Integer, nullable=False),
    *_moments("started_at", "hint_since", "returned_at", "polled_at", "completed_at", "used_at", "cancelled_at"),
    *_moments("next_at", "leased_until"),
    Column("started_encrypted", LargeBinary),
    Column("hint_code", _WORD),
    Column("request_encrypted", LargeBinary, nullable=False),
    Column("return_nonce_hash", _WORD),
    Column("answer_encrypted", LargeBinary),
    Column("completion_encrypted", LargeBinary),
    Column("leased_by", String(255)),
)
_ORDER_LIVES = text("state IN ('wanted', 'pending', 'complete', 'failed')")
_DUE = text("next_at IS NOT NULL")
Index("ix_bankid_orders_identification_id", bankid_orders.c.identification_id, bankid_orders.c.asked_at)
index_where(_DUE, "ix_bankid_orders_due", bankid_orders.c.next_at)
index_where(_ORDER_LIVES, "uq_bankid_orders_living", bankid_orders.c.identification_id, unique=True)

sessions = Table(
    "sessions",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("cookie_hash", _WORD, nullable=False, unique=True),
    Column("person_id", _ID, ForeignKey("people.id"), nullable=False, index=True),
    Column("authentication_id", _ID, ForeignKey("authentications.id"), nullable=False, index=True),
    Column("sso_group", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("ended_at", UtcTime),
    Column("end_reason", _WORD),
)

known_devices = Table(
    "known_devices",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("person_id", _ID, ForeignKey("people.id"), nullable=False),
    Column("cookie_hash", _WORD, nullable=False),
    Column("logins", Integer, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)
"""Browsers that a person has logged in with; a login with another is told to the person."""
Index("uq_known_devices_person_id", known_devices.c.person_id, known_devices.c.cookie_hash, unique=True)

consents = Table(
    "consents",
    metadata,
    Column("person_id", _ID, ForeignKey("people.id"), primary_key=True),
    Column("client_id", String(255), primary_key=True),
    Column("scope", String(255), primary_key=True),
    Column("allowed_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

budgets = Table(
    "budgets",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("spent", Integer, nullable=False),
    Column("previous_expires_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

grants = Table(
    "grants",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("person_id", _ID, ForeignKey("people.id"), nullable=False, index=True),
    Column("authentication_id", _ID, ForeignKey("authentications.id"), nullable=False, index=True),
    Column("session_id", _ID),
    Column("sid", _WORD),
    Column("scope", Words, nullable=False),
    Column("claims", JSON, nullable=False),
    Column("resources", Words, nullable=False),
    Column("customer_id", _ID),
    Column("redirect_uri", Text, nullable=False),
    Column("nonce", Text),
    Column("code_challenge", Text, nullable=False),
    Column("dpop_jkt", _WORD),
    Column("issued_at", UtcTime, nullable=False),
    Column("code_expires_at", UtcTime, nullable=False),
    *_moments("redeemed_at", "refresh_expires_at", "rotated_at", "revoked_at"),
    Column("offline", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("revoke_reason", _WORD),
    Column("pushed_reference_hash", _WORD),
)
"""A pushed request is used up by the one grant that names it; a session is in use as long as it gives grants."""
ANSWERS_PUSHED = text("pushed_reference_hash IS NOT NULL")
Index("ix_grants_session_id_issued_at", grants.c.session_id, grants.c.issued_at)
index_where(ANSWERS_PUSHED, "uq_grants_pushed_reference_hash", grants.c.pushed_reference_hash, unique=True)

pushed_requests = Table(
    "pushed_requests",
    metadata,
    Column("reference_hash", _WORD, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("parameters_encrypted", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("visited_at", UtcTime),
)

initial_tokens = Table(
    "initial_tokens",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("token_hash", _WORD, nullable=False, unique=True),
    Column("note", Text, nullable=False),
    Column("security_profile", _WORD, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("uses", Integer),
    Column("used", Integer, nullable=False),
    Column("revoked_at", UtcTime),
)

registered_clients = Table(
    "registered_clients",
    metadata,
    Column("client_id", _WORD, primary_key=True),
    Column("initial_token_id", _ID, nullable=False, index=True),
    Column("security_profile", _WORD, nullable=False),
    Column("metadata_encrypted", LargeBinary, nullable=False),
    Column("access_token_hash", _WORD, nullable=False),
    Column("client_secret_hash", _WORD),
    Column("client_secret_expires_at", UtcTime),
    Column("registered_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
)

seen_ids = Table(
    "seen_ids",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", _WORD, nullable=False),
    Column("key", String(255), nullable=False, unique=True),
    Column("payload_encrypted", LargeBinary),
    Column("created_at", UtcTime, nullable=False),
    *_moments("next_at", "leased_until", "delivered_at", "gave_up_at"),
    Column("tries", Integer, nullable=False),
    Column("leased_by", String(255)),
    Column("last_error", _WORD),
)
index_where(_DUE, "ix_outbox_due", outbox.c.next_at)

audit = Table(
    "audit",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("event", _WORD, nullable=False),
    Column("person_id", _ID, index=True),
    Column("facts", Text, nullable=False),
    Column("writer", _ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("outstanding", Text),
    Column("mark_hash", LargeBinary, nullable=False),
)
"""Written once; what makes each change visible is in `core.audit_chain`."""

audit_seals = Table(
    "audit_seals",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("audit_id", _ID, nullable=False, unique=True),
    Column("chain_hash", LargeBinary, nullable=False),
)

audit_ends = Table(
    "audit_ends",
    metadata,
    Column("name", _WORD, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain_hash", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("mark_hash", LargeBinary, nullable=False),
)
"""Two rows: where the chain begins since the sweeper took what lies before, and where it ends."""

incidents = Table(
    "incidents",
    metadata,
    Column("code", _WORD, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("facts", JSON, nullable=False),
)
