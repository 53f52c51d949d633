"""What is kept of customers, and to run the login."""

from typing import Final

from idp.core.personal_data.classification import Columns, Datum, Described, Erasure, Kept, Kind, Seen, Whose, Why

OF_CUSTOMERS: Final = (
    Described(
        table="customers",
        whose=Whose.CUSTOMER,
        why=Why.COMPANY,
        seen=Seen.SERVICES,
        kept=Kept.REGISTER,
        columns=(
            Columns("id", Kind.PSEUDONYM, Erasure.KEPT),
            Columns("name city", Kind.PLAIN, Erasure.KEPT, (Datum.COMPANY,)),
            Columns("organisation_number_hash", Kind.KEYED_HASH, Erasure.KEPT),
            Columns(
                "organisation_number_encrypted", Kind.ENCRYPTED, Erasure.KEPT, (Datum.COMPANY, Datum.PERSONAL_NUMBER)
            ),
            Columns("contact_encrypted", Kind.ENCRYPTED, Erasure.KEPT, (Datum.COMPANY_CONTACT,), Seen.NOBODY),
            Columns("active reached_by updated_at", Kind.FACT, Erasure.KEPT, (Datum.COMPANY,)),
        ),
    ),
    Described(
        table="customer_numbers",
        whose=Whose.CUSTOMER,
        why=Why.COMPANY,
        seen=Seen.SERVICES,
        kept=Kept.REGISTER,
        columns=(
            Columns("number", Kind.PLAIN, Erasure.KEPT, (Datum.COMPANY,)),
            Columns("customer_id", Kind.PSEUDONYM, Erasure.KEPT),
            Columns("last_four_hash", Kind.KEYED_HASH, Erasure.KEPT),
            Columns("state", Kind.FACT, Erasure.KEPT, (Datum.COMPANY,)),
        ),
    ),
)

OF_OPERATION: Final = (
    Described(
        table="budgets",
        whose=Whose.VISITOR,
        why=Why.PROTECT,
        kept=Kept.BUDGET,
        columns=(
            Columns("key_hash", Kind.KEYED_HASH, Erasure.KEPT, (Datum.TRIES,)),
            Columns("spent previous_expires_at expires_at", Kind.FACT, Erasure.KEPT, (Datum.TRIES,)),
        ),
    ),
    Described(
        table="outbox",
        whose=Whose.PERSON,
        why=Why.REACH,
        kept=Kept.MESSAGE,
        columns=(
            Columns("id key", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("payload_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.MESSAGE, Datum.NAME, Datum.EMAIL)),
            Columns("kind created_at delivered_at gave_up_at", Kind.FACT, Erasure.STAYS, (Datum.MESSAGE,)),
            Columns("next_at tries leased_by leased_until last_error", Kind.NONE),
        ),
    ),
    Described(
        table="audit",
        whose=Whose.PERSON,
        why=Why.PROVE,
        seen=Seen.SECURITY,
        kept=Kept.AUDIT,
        columns=(
            Columns("id person_id", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("at event facts", Kind.FACT, Erasure.STAYS, (Datum.EVENT,)),
            Columns("writer number outstanding", Kind.NONE),
            Columns("mark_hash", Kind.SECRET_HASH),
        ),
    ),
    Described(
        table="audit_ends",
        whose=Whose.NOBODY,
        why=Why.PROVE,
        kept=Kept.AUDIT,
        columns=(Columns("name position at", Kind.NONE), Columns("chain_hash mark_hash", Kind.SECRET_HASH)),
    ),
    Described(
        table="audit_seals",
        whose=Whose.NOBODY,
        why=Why.PROVE,
        kept=Kept.AUDIT,
        columns=(
            Columns("audit_id", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("position", Kind.NONE),
            Columns("chain_hash", Kind.SECRET_HASH),
        ),
    ),
    Described(
        table="incidents",
        whose=Whose.VISITOR,
        why=Why.SUPPORT,
        seen=Seen.SUPPORT,
        kept=Kept.INCIDENT,
        columns=(Columns("code", Kind.NONE), Columns("at facts", Kind.FACT, Erasure.STAYS, (Datum.EVENT,))),
    ),
    Described(
        table="initial_tokens",
        whose=Whose.PARTNER,
        why=Why.SERVICES,
        kept=Kept.CLIENT,
        columns=(
            Columns("id", Kind.PSEUDONYM),
            Columns("token_hash", Kind.SECRET_HASH),
            Columns("note", Kind.NONE),
            Columns("security_profile created_at expires_at uses used revoked_at", Kind.NONE),
        ),
    ),
    Described(
        table="registered_clients",
        whose=Whose.PARTNER,
        why=Why.SERVICES,
        kept=Kept.CLIENT,
        columns=(
            Columns("client_id initial_token_id", Kind.PSEUDONYM),
            Columns("metadata_encrypted", Kind.SECRET),
            Columns("access_token_hash client_secret_hash", Kind.SECRET_HASH),
            Columns("security_profile client_secret_expires_at registered_at version", Kind.NONE),
        ),
    ),
    Described(
        table="seen_ids",
        whose=Whose.NOBODY,
        why=Why.PROTECT,
        kept=Kept.MINUTES,
        columns=(Columns("id_hash", Kind.SECRET_HASH), Columns("expires_at", Kind.NONE)),
    ),
    Described(
        table="secret_canaries",
        whose=Whose.NOBODY,
        why=Why.RUN,
        kept=Kept.ALWAYS,
        columns=(Columns("name version", Kind.NONE), Columns("canary_hash", Kind.SECRET_HASH)),
    ),
    Described(
        table="collector_heartbeats",
        whose=Whose.NOBODY,
        why=Why.RUN,
        kept=Kept.DAY,
        columns=(Columns("worker seen_at", Kind.NONE),),
    ),
    Described(
        table="supported_programs",
        whose=Whose.NOBODY,
        why=Why.RUN,
        kept=Kept.ALWAYS,
        columns=(Columns("schema oldest_program", Kind.NONE),),
    ),
)
