"""What is kept of logins, and of what services got by them."""

from typing import Final

from idp.core.personal_data.classification import Columns, Datum, Described, Erasure, Kept, Kind, Seen, Whose, Why

OF_LOGINS: Final = (
    Described(
        table="interactions",
        whose=Whose.VISITOR,
        why=Why.LOG_IN,
        kept=Kept.DAY,
        columns=(
            Columns("id person_id authentication_id session_id grant_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("linked_customer_id chosen_customer_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("browser_hash", Kind.SECRET_HASH, Erasure.DELETED),
            Columns("request_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.SERVICE,)),
            Columns(
                "pending_encrypted",
                Kind.ENCRYPTED,
                Erasure.DELETED,
                (Datum.NAME, Datum.BIRTHDATE, Datum.PERSONAL_NUMBER),
            ),
            Columns("linked_number", Kind.PLAIN, Erasure.DELETED, (Datum.LINK,)),
            Columns("client_id language passed outcome verdict", Kind.FACT, Erasure.DELETED, (Datum.SERVICE,)),
            Columns(
                "arrived_at acted_at expires_at identified_at finished_at", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)
            ),
            Columns("contact_code_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.LINK,)),
            Columns(
                "linked_at linked_assurance linked_waits_for registered_at", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)
            ),
            Columns("version", Kind.NONE),
        ),
    ),
    Described(
        table="approvals",
        whose=Whose.VISITOR,
        why=Why.COMPANY,
        seen=Seen.COMPANY,
        kept=Kept.MESSAGE,
        columns=(
            Columns("id customer_id answered_by", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("asker_hash", Kind.KEYED_HASH, Erasure.DELETED),
            Columns("asker_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.NAME, Datum.EMAIL)),
            Columns("number", Kind.PLAIN, Erasure.DELETED, (Datum.LINK,)),
            Columns("asked_at expires_at answer answered_at used_at", Kind.FACT, Erasure.DELETED, (Datum.LINK,)),
        ),
    ),
    Described(
        table="invitations",
        whose=Whose.VISITOR,
        why=Why.COMPANY,
        seen=Seen.COMPANY,
        kept=Kept.MESSAGE,
        columns=(
            Columns("id customer_id invited_by", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("secret_hash", Kind.SECRET_HASH, Erasure.DELETED),
            Columns("taken_by_hash", Kind.KEYED_HASH, Erasure.DELETED),
            Columns("invited_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.NAME, Datum.EMAIL)),
            Columns("number", Kind.PLAIN, Erasure.DELETED, (Datum.LINK,)),
            Columns("invited_at expires_at taken_at", Kind.FACT, Erasure.DELETED, (Datum.LINK,)),
        ),
    ),
    Described(
        table="bankid_orders",
        whose=Whose.VISITOR,
        why=Why.LOG_IN,
        kept=Kept.DAY,
        columns=(
            Columns("id identification_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("return_nonce_hash", Kind.SECRET_HASH, Erasure.DELETED),
            Columns("request_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.ADDRESS,)),
            Columns("started_encrypted", Kind.SECRET, Erasure.DELETED),
            Columns(
                "answer_encrypted completion_encrypted",
                Kind.ENCRYPTED,
                Erasure.DELETED,
                (Datum.NAME, Datum.PERSONAL_NUMBER, Datum.ADDRESS, Datum.SIGNATURE),
            ),
            Columns("launch state restarts hint_code", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)),
            Columns("asked_at wanted_at started_at hint_since returned_at", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)),
            Columns("polled_at completed_at used_at cancelled_at", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)),
            Columns("next_at leased_by leased_until", Kind.NONE),
        ),
    ),
    Described(
        table="link_attempts",
        whose=Whose.VISITOR,
        why=Why.PROTECT,
        seen=Seen.SECURITY,
        kept=Kept.INCIDENT,
        columns=(
            Columns("id person_id authentication_id interaction_id customer_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("identity_hash number_hash", Kind.KEYED_HASH, Erasure.DELETED, (Datum.TRIES,)),
            Columns("identity_encrypted", Kind.ENCRYPTED, Erasure.DELETED, (Datum.PERSONAL_NUMBER,)),
            Columns("at reference verdict tier result network", Kind.FACT, Erasure.DELETED, (Datum.TRIES,)),
        ),
    ),
    Described(
        table="freeze_secrets",
        whose=Whose.PERSON,
        why=Why.PROTECT,
        seen=Seen.SECURITY,
        kept=Kept.INCIDENT,
        columns=(
            Columns("person_id customer_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("secret_hash", Kind.SECRET_HASH, Erasure.DELETED),
            Columns(
                "linked_at told given_out_at expires_at used_at reference", Kind.FACT, Erasure.DELETED, (Datum.LINK,)
            ),
        ),
    ),
    Described(
        table="link_unlocks",
        whose=Whose.NOBODY,
        why=Why.SUPPORT,
        kept=Kept.DAY,
        columns=(
            Columns("what_hash", Kind.KEYED_HASH),
            Columns("operator asked_at", Kind.FACT),
        ),
    ),
    Described(
        table="sessions",
        whose=Whose.PERSON,
        why=Why.LOG_IN,
        kept=Kept.SESSION,
        columns=(
            Columns("id person_id authentication_id", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("cookie_hash", Kind.SECRET_HASH, Erasure.STAYS),
            Columns(
                "sso_group started_at seen_at expires_at ended_at end_reason", Kind.FACT, Erasure.STAYS, (Datum.LOGIN,)
            ),
        ),
    ),
    Described(
        table="known_devices",
        whose=Whose.PERSON,
        why=Why.PROTECT,
        kept=Kept.DEVICE,
        columns=(
            Columns("id person_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("cookie_hash", Kind.SECRET_HASH, Erasure.DELETED),
            Columns("logins expires_at", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)),
        ),
    ),
    Described(
        table="grants",
        whose=Whose.PERSON,
        why=Why.SERVICES,
        seen=Seen.SERVICES,
        kept=Kept.SESSION,
        columns=(
            Columns("id person_id authentication_id session_id sid customer_id", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("client_id scope claims resources offline", Kind.FACT, Erasure.STAYS, (Datum.SERVICE,)),
            Columns("redirect_uri nonce code_challenge dpop_jkt generation retries", Kind.NONE),
            Columns(
                "issued_at code_expires_at redeemed_at refresh_expires_at", Kind.FACT, Erasure.STAYS, (Datum.SERVICE,)
            ),
            Columns("rotated_at expires_at revoked_at revoke_reason", Kind.FACT, Erasure.STAYS, (Datum.SERVICE,)),
            Columns("pushed_reference_hash", Kind.SECRET_HASH, Erasure.STAYS),
        ),
    ),
    Described(
        table="pushed_requests",
        whose=Whose.VISITOR,
        why=Why.LOG_IN,
        kept=Kept.MINUTES,
        columns=(
            Columns("reference_hash", Kind.SECRET_HASH, Erasure.STAYS),
            Columns("client_id expires_at visited_at", Kind.FACT, Erasure.STAYS, (Datum.SERVICE,)),
            Columns("parameters_encrypted", Kind.ENCRYPTED, Erasure.STAYS, (Datum.SERVICE,)),
        ),
    ),
)
