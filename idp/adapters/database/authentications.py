"""Authentications: what happened when a person was identified."""

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
        event_id = authentication.id
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

    def claim(self, authentication_id: str, person_id: str, identity: Identity | None) -> None:
        """The event happened before the account did, and so did its evidence, which is found by the person from now on."""
        is_nobodys = authentications.c.id == authentication_id, authentications.c.person_id.is_(None)
        stored = connection().execute(select(authentications.c.device_ip_encrypted).where(*is_nobodys)).scalar()
        if stored is not None:
            place = place_of_device_ip(authentication_id)
            own = self._keys.hold(person_id).encrypt(place, self._cipher.decrypt(place, stored))
            of_newcomer = {} if identity is None else {"identity_id": self._identities.row_of(identity)}
            claimed = {"person_id": person_id, "device_ip_encrypted": own, **of_newcomer}
            connection().execute(update(authentications).where(*is_nobodys).values(claimed))
        of_event = update(evidence).where(
            evidence.c.authentication_id == authentication_id, evidence.c.person_id.is_(None)
        )
        connection().execute(of_event.values(person_id=person_id))
