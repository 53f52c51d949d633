"""Authentications and their evidence: what happened when a person was identified, and what proves it."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from idp.adapters.database.decoding import place_of_device_ip
from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.identities import Identities
from idp.adapters.database.person_keys import PersonKeys
from idp.adapters.database.tables import authentications, evidence
from idp.core.identification.assertion import Assertion
from idp.core.oidc.claims.authentication import Authentication
from idp.core.people.identity import Identity

EVIDENCE_KEPT = timedelta(days=90)
"""Of a login; that of a registration is kept as long as the account."""


class Authentications:
    """Writes authentications."""

    def __init__(self, cipher: FieldCipher, identities: Identities) -> None:
        self._cipher = cipher
        self._keys = PersonKeys(cipher)
        self._identities = identities

    def record(self, authentication: Authentication, assertion: Assertion) -> None:
        """Of a person without an account the identity is not known here yet, and there is no key of the person's.

        Raises Overtaken when the person was erased meanwhile.
        """
        event_id, kept = authentication.id, assertion.evidence
        cipher = self._keys.hold(authentication.person_id) if authentication.person_id else self._cipher
        row = {
            "id": event_id,
            "person_id": authentication.person_id or None,
            "identity_id": self._identities.row_of(assertion.identity),
            "at": authentication.at,
            "method": authentication.method,
            "provider": authentication.provider,
            "acr": authentication.acr,
            "amr": authentication.amr,
            "txn": authentication.txn,
            "device_ip_encrypted": cipher.encrypt_text(place_of_device_ip(event_id), authentication.device_ip),
            "verdict": assertion.verdict.value,
            "credential_valid_from": authentication.credential_valid_from,
            "credential_valid_to": authentication.credential_valid_to,
        }
        connection().execute(insert(authentications).values(row))
        proof = {
            "authentication_id": event_id,
            "reference": assertion.reference,
            "kind": kept.kind,
            "parts_encrypted": self._cipher.encrypt_json(place_of_evidence(event_id), dict(kept.parts)),
            "recorded_at": authentication.at,
            "expires_at": authentication.at + EVIDENCE_KEPT,
        }
        connection().execute(insert(evidence).values(proof))

    def claim(self, authentication_id: str, person_id: str, identity: Identity | None) -> None:
        """The event happened before the account did; its evidence is kept as long as the account."""
        is_nobodys = authentications.c.id == authentication_id, authentications.c.person_id.is_(None)
        stored = connection().execute(select(authentications.c.device_ip_encrypted).where(*is_nobodys)).scalar()
        if stored is not None:
            place = place_of_device_ip(authentication_id)
            own = self._keys.hold(person_id).encrypt(place, self._cipher.decrypt(place, stored))
            of_newcomer = {} if identity is None else {"identity_id": self._identities.row_of(identity)}
            claimed = {"person_id": person_id, "device_ip_encrypted": own, **of_newcomer}
            connection().execute(update(authentications).where(*is_nobodys).values(claimed))
        of_event = update(evidence).where(evidence.c.authentication_id == authentication_id)
        connection().execute(of_event.values(expires_at=None))


def place_of_evidence(authentication_id: str) -> str:
    """Where the encrypted parts lie."""
    return f"evidence.parts.{authentication_id}"
