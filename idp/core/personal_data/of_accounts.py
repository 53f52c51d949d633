"""What is kept of people with an account."""

from typing import Final

from idp.core.personal_data.classification import Columns, Datum, Described, Erasure, Kept, Kind, Seen, Whose, Why

OF_ACCOUNTS: Final = (
    Described(
        table="people",
        whose=Whose.PERSON,
        why=Why.RECOGNISE,
        seen=Seen.SUPPORT,
        kept=Kept.ACCOUNT,
        columns=(
            Columns("id sub", Kind.PSEUDONYM, Erasure.STAYS, seen=Seen.SERVICES),
            Columns(
                "profile_encrypted", Kind.PERSON_KEY, Erasure.SHREDDED, (Datum.NAME, Datum.BIRTHDATE), Seen.SERVICES
            ),
            Columns(
                "contact_encrypted",
                Kind.PERSON_KEY,
                Erasure.SHREDDED,
                (Datum.NAME, Datum.EMAIL, Datum.PHONE),
                Seen.SERVICES,
            ),
            Columns("email_hash phone_hash", Kind.KEYED_HASH, Erasure.DELETED),
            Columns("email_confirmed_at registered_at", Kind.FACT, Erasure.DELETED, (Datum.EVENT,)),
            Columns("blocked_at block_reason", Kind.FACT, Erasure.DELETED, (Datum.EVENT,)),
            Columns("created_at erased_at", Kind.FACT, Erasure.STAYS, (Datum.EVENT,)),
        ),
    ),
    Described(
        table="person_keys",
        whose=Whose.PERSON,
        why=Why.PROTECT,
        kept=Kept.ACCOUNT,
        columns=(
            Columns("person_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("key_encrypted", Kind.SECRET, Erasure.DELETED),
        ),
    ),
    Described(
        table="identities",
        whose=Whose.PERSON,
        why=Why.RECOGNISE,
        kept=Kept.ACCOUNT,
        columns=(
            Columns("id person_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("scheme added_at", Kind.FACT, Erasure.DELETED),
            Columns("key_hash", Kind.KEYED_HASH, Erasure.DELETED),
            Columns("key_encrypted", Kind.PERSON_KEY, Erasure.SHREDDED, (Datum.PERSONAL_NUMBER,)),
        ),
    ),
    Described(
        table="links",
        whose=Whose.PERSON,
        why=Why.COMPANY,
        seen=Seen.COMPANY,
        kept=Kept.LINK,
        columns=(
            Columns("id person_id customer_id", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("number", Kind.PLAIN, Erasure.KEPT, (Datum.LINK,), Seen.SERVICES),
            Columns("role assurance fresh_until", Kind.FACT, Erasure.STAYS, (Datum.LINK,), Seen.SERVICES),
            Columns("linked_at suspended_at ended_at end_reason", Kind.FACT, Erasure.STAYS, (Datum.LINK,)),
        ),
    ),
    Described(
        table="authentications",
        whose=Whose.PERSON,
        why=Why.PROTECT,
        seen=Seen.SECURITY,
        kept=Kept.LOGIN_RECORD,
        columns=(
            Columns("id person_id", Kind.PSEUDONYM, Erasure.STAYS),
            Columns("identity_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("at method provider acr amr txn verdict", Kind.FACT, Erasure.STAYS, (Datum.LOGIN,), Seen.SERVICES),
            Columns("device_ip_encrypted", Kind.PERSON_KEY, Erasure.SHREDDED, (Datum.ADDRESS,)),
            Columns("credential_valid_from credential_valid_to", Kind.FACT, Erasure.DELETED, (Datum.LOGIN,)),
        ),
    ),
    Described(
        table="evidence",
        whose=Whose.PERSON,
        why=Why.PROVE,
        seen=Seen.SECURITY,
        kept=Kept.EVIDENCE,
        columns=(
            Columns("id authentication_id person_id customer_id", Kind.PSEUDONYM, Erasure.KEPT),
            Columns("kind at client_id sha256", Kind.FACT, Erasure.KEPT, (Datum.SIGNATURE,)),
            Columns(
                "sealed_encrypted", Kind.ENCRYPTED, Erasure.KEPT, (Datum.SIGNATURE, Datum.NAME, Datum.PERSONAL_NUMBER)
            ),
        ),
    ),
    Described(
        table="consents",
        whose=Whose.PERSON,
        why=Why.SERVICES,
        seen=Seen.SUPPORT,
        kept=Kept.CONSENT,
        columns=(
            Columns("person_id", Kind.PSEUDONYM, Erasure.DELETED),
            Columns("client_id scope allowed_at expires_at", Kind.FACT, Erasure.DELETED, (Datum.CONSENT,)),
        ),
    ),
)
