"""Attempts at customer numbers: whose they were, where, and what came of them; numbers and identities are found by keyed hashes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select

from idp.adapters.database.encryption import FieldCipher, Pepper
from idp.adapters.database.engine import connection
from idp.adapters.database.linking_tables import link_attempts, link_unlocks
from idp.adapters.database.upsert import upsert
from idp.core.ids import new_id
from idp.core.linking.attempts import Attempt, Seen
from idp.core.linking.support import SECOND_WITHIN
from idp.core.people.identity import Identity

_NUMBER, _IDENTITY, _UNLOCK = "link_attempts.number", "link_attempts.identity", "link_unlocks.what"
_columns = link_attempts.c
_SEEN = tuple(_columns[name] for name in Seen.__dataclass_fields__ if name != "guesser")


class DatabaseAttempts:
    """The port `Attempts`."""

    def __init__(self, cipher: FieldCipher, pepper: Pepper) -> None:
        self._cipher = cipher
        self._pepper = pepper

    def record(self, attempt: Attempt) -> None:
        attempt_id, identity = new_id(attempt.at), attempt.identity
        row = {
            "id": attempt_id,
            "at": attempt.at,
            "reference": attempt.reference,
            "identity_hash": self._pepper.hash(_IDENTITY, _named(identity)),
            "identity_encrypted": self._cipher.encrypt_json(_place(attempt_id), [identity.scheme, identity.key]),
            "person_id": attempt.person_id,
            "authentication_id": attempt.authentication_id,
            "verdict": attempt.verdict,
            "interaction_id": attempt.interaction_id,
            "number_hash": self._pepper.hash(_NUMBER, attempt.number),
            "customer_id": attempt.customer_id,
            "tier": attempt.tier.value,
            "result": attempt.result.value,
            "network": None if attempt.network is None else str(attempt.network),
        }
        connection().execute(insert(link_attempts), row)

    def forget(self, identities: Sequence[Identity]) -> None:
        """Whatever somebody tried who is known by one of these."""
        hashes = [each for identity in identities for each in self._pepper.candidates(_IDENTITY, _named(identity))]
        connection().execute(delete(link_attempts).where(_columns.identity_hash.in_(hashes)))

    def pseudonym(self, identity: Identity) -> str:
        return _pseudonym(self._pepper.hash(_IDENTITY, _named(identity)))

    def identity_behind(self, reference: str) -> Identity | None:
        latest = select(_columns.id, _columns.identity_encrypted).where(_columns.reference == reference)
        row = connection().execute(latest.order_by(_columns.id.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        scheme, key = self._cipher.decrypt_json(_place(row.id), row.identity_encrypted)
        return Identity(scheme=scheme, key=key)

    def with_reference(self, reference: str) -> Seen | None:
        return next(iter(_seen(_columns.reference == reference, 1)), None)

    def by_identity(self, identity: Identity, *, limit: int) -> Sequence[Seen]:
        return _seen(_columns.identity_hash.in_(self._pepper.candidates(_IDENTITY, _named(identity))), limit)

    def at_number(self, number: str, *, limit: int) -> Sequence[Seen]:
        return _seen(_columns.number_hash.in_(self._pepper.candidates(_NUMBER, number)), limit)

    @staticmethod
    def at_customer(customer_id: str, *, limit: int) -> Sequence[Seen]:
        return _seen(_columns.customer_id == customer_id, limit)


class DatabaseUnlocks:
    """The port `Unlocks`: each request is one row, which the other operator's takes away."""

    def __init__(self, pepper: Pepper) -> None:
        self._pepper = pepper

    def second(self, what: str, case_id: str, operator: str, now: datetime) -> str | None:
        """The other's request first, so that of two at once one is the second."""
        columns, hashes = link_unlocks.c, self._pepper.candidates(_UNLOCK, f"{what}|{case_id}")
        others = and_(columns.what_hash.in_(hashes), columns.operator != operator)
        used_up = delete(link_unlocks).where(others, columns.asked_at > now - SECOND_WITHIN)
        first = connection().execute(used_up.returning(columns.operator)).scalars().first()
        if first is None:
            row = {"what_hash": hashes[0], "operator": operator, "asked_at": now}
            upsert(link_unlocks, [row], replaced=["asked_at"])
        return first


def _seen(condition: ColumnElement[bool], limit: int) -> Sequence[Seen]:
    newest = select(*_SEEN, _columns.identity_hash).where(condition).order_by(_columns.id.desc()).limit(limit)
    return [
        Seen(guesser=_pseudonym(row["identity_hash"]), **{column.name: row[column.name] for column in _SEEN})
        for row in connection().execute(newest).mappings()
    ]


def _pseudonym(identity_hash: bytes) -> str:
    """The pepper's version and 80 bits, which name one identity among all that will ever try."""
    return identity_hash[:11].hex()


def _named(identity: Identity) -> str:
    return f"{identity.scheme} {identity.key}"


def _place(attempt_id: str) -> str:
    return f"link_attempts.identity.{attempt_id}"
