"""Interactions in the database: each step is a compare-and-set on the version that its page was made from."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, insert, select, update

from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.prepared import Prepared
from idp.adapters.database.profiles import read_profile, write_profile
from idp.adapters.database.tables import interactions
from idp.core.identification.verdict import Verdict
from idp.core.linking.contact_code import ContactCode
from idp.core.linking.second_person import SecondPerson
from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.overtaken import Overtaken
from idp.core.people.customer import LinkAssurance
from idp.core.people.identity import Identity
from idp.core.people.person import PendingIdentity
from idp.core.signin.interaction import Identified, Interaction, Outcome, ProvedNumber

_columns = interactions.c
_FIND = Prepared(
    select(interactions).where(
        _columns.id == bindparam("interaction_id"),
        _columns.browser_hash == bindparam("browser"),
        _columns.expires_at > bindparam("now", type_=_columns.expires_at.type),
    ),
    gives=tuple(_columns),
)


class DatabaseInteractions:
    """The port `Interactions`."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def open(self, interaction: Interaction, browser_hash: str) -> None:
        row = {
            "id": interaction.id,
            "browser_hash": browser_hash,
            "client_id": interaction.client_id,
            "request_encrypted": self._cipher.encrypt_json(
                f"interactions.request.{interaction.id}", interaction.request.to_json()
            ),
            "language": interaction.language,
            "arrived_at": interaction.arrived_at,
            "acted_at": interaction.acted_at,
            "expires_at": interaction.expires_at,
            "version": interaction.version,
            "registered_at": interaction.registered_at,
            "chosen_customer_id": interaction.chosen_customer_id,
            "passed": _written(interaction.passed),
            "session_id": interaction.session_id,
        }
        row |= self._identified_columns(interaction.id, interaction.identified)
        row |= _linked_columns(interaction.linked)
        connection().execute(insert(interactions), row)

    def find(self, interaction_id: str, browser_hash: str, now: datetime) -> Interaction | None:
        row = _FIND.one({"interaction_id": interaction_id, "browser": browser_hash, "now": now})
        return None if row is None else self._interaction(row)

    def exists_elsewhere(self, interaction_id: str, browser_hash: str, now: datetime) -> bool:
        statement = select(_columns.id).where(
            _columns.id == interaction_id, _columns.browser_hash != browser_hash, _columns.expires_at > now
        )
        return connection().execute(statement).one_or_none() is not None

    def client_of(self, interaction_id: str) -> str | None:
        statement = select(_columns.client_id).where(_columns.id == interaction_id)
        return connection().execute(statement).scalar_one_or_none()

    def touch(self, interaction_id: str, now: datetime, expires_at: datetime, language: str | None = None) -> None:
        values: dict[str, Any] = {"acted_at": now, "expires_at": expires_at}
        if language is not None:
            values["language"] = language
        statement = update(interactions).where(_columns.id == interaction_id, _columns.outcome.is_(None))
        connection().execute(statement.values(values))

    def hold(self, interaction: Interaction, now: datetime) -> Interaction:
        _record(interaction, now, {})
        return replace(interaction, version=interaction.version + 1, acted_at=now)

    def record_identified(
        self, interaction: Interaction, identified: Identified, session_id: str | None, now: datetime
    ) -> None:
        values = self._identified_columns(interaction.id, identified) | _linked_columns(None)
        _record(interaction, now, {**values, "session_id": session_id})

    def record_linked(self, interaction: Interaction, linked: ProvedNumber | None, now: datetime) -> None:
        _record(interaction, now, _linked_columns(linked))

    def record_contact_code(self, interaction: Interaction, code: ContactCode, now: datetime) -> None:
        _record(interaction, now, {"contact_code_encrypted": self._encrypt_code(interaction.id, code)})

    def record_registered(self, interaction: Interaction, person_id: str, now: datetime) -> None:
        values = {"person_id": person_id, "pending_encrypted": None, "registered_at": now, "session_id": None}
        _record(interaction, now, values | _linked_columns(None))

    def record_customer(self, interaction: Interaction, customer_id: str, now: datetime) -> None:
        _record(interaction, now, {"chosen_customer_id": customer_id})

    def record_set_aside(self, interaction: Interaction, step: str, now: datetime) -> None:
        values = {"passed": _written({**interaction.passed, step: now}), "chosen_customer_id": None}
        _record(interaction, now, values | _linked_columns(None))

    def record_passed(self, interaction: Interaction, step: str, now: datetime) -> None:
        _record(interaction, now, {"passed": _written({**interaction.passed, step: now})})

    def finish(self, interaction: Interaction, grant_id: str | None, outcome: Outcome, now: datetime) -> None:
        ended = {"outcome": outcome.value, "finished_at": now, "grant_id": grant_id, "pending_encrypted": None}
        _change(_as_read(interaction, now).values(ended))

    def _identified_columns(self, interaction_id: str, identified: Identified | None) -> dict[str, Any]:
        if identified is None:
            return dict.fromkeys(("identified_at", "authentication_id", "person_id", "pending_encrypted", "verdict"))
        return {
            "identified_at": identified.at,
            "authentication_id": identified.authentication_id,
            "person_id": identified.person_id,
            "pending_encrypted": self._encrypt_pending(interaction_id, identified.pending),
            "verdict": identified.verdict.value,
        }

    def _encrypt_pending(self, interaction_id: str, pending: PendingIdentity | None) -> bytes | None:
        if pending is None:
            return None
        identity = pending.identity
        facts = {"scheme": identity.scheme, "key": identity.key, "profile": write_profile(pending.profile)}
        return self._cipher.encrypt_json(f"interactions.pending.{interaction_id}", facts)

    def _decrypt_pending(self, interaction_id: str, encrypted: bytes | None) -> PendingIdentity | None:
        if encrypted is None:
            return None
        facts = self._cipher.decrypt_json(f"interactions.pending.{interaction_id}", encrypted)
        identity = Identity(scheme=facts["scheme"], key=facts["key"])
        return PendingIdentity(identity=identity, profile=read_profile(facts["profile"]))

    def _encrypt_code(self, interaction_id: str, code: ContactCode) -> bytes:
        facts = asdict(code) | {"expires_at": code.expires_at.isoformat()}
        return self._cipher.encrypt_json(f"interactions.contact_code.{interaction_id}", facts)

    def _code(self, interaction_id: str, encrypted: bytes | None) -> ContactCode | None:
        if encrypted is None:
            return None
        facts = self._cipher.decrypt_json(f"interactions.contact_code.{interaction_id}", encrypted)
        return ContactCode(**facts | {"expires_at": datetime.fromisoformat(facts["expires_at"])})

    def _interaction(self, row: Mapping[str, Any]) -> Interaction:
        interaction_id = row["id"]
        return Interaction(
            id=interaction_id,
            client_id=row["client_id"],
            request=AuthorizationRequest.from_json(
                self._cipher.decrypt_json(f"interactions.request.{interaction_id}", row["request_encrypted"])
            ),
            language=row["language"],
            arrived_at=row["arrived_at"],
            acted_at=row["acted_at"],
            expires_at=row["expires_at"],
            version=row["version"],
            identified=self._identified(row),
            linked=_linked(row),
            contact_code=self._code(interaction_id, row["contact_code_encrypted"]),
            registered_at=row["registered_at"],
            chosen_customer_id=row["chosen_customer_id"],
            passed=_read(row["passed"]),
            session_id=row["session_id"],
            outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
            finished_at=row["finished_at"],
            grant_id=row["grant_id"],
        )

    def _identified(self, row: Mapping[str, Any]) -> Identified | None:
        if row["verdict"] is None or (row["person_id"] is None and row["pending_encrypted"] is None):
            return None
        return Identified(
            at=row["identified_at"],
            authentication_id=row["authentication_id"],
            person_id=row["person_id"],
            pending=self._decrypt_pending(row["id"], row["pending_encrypted"]),
            verdict=Verdict(row["verdict"]),
        )


def _record(interaction: Interaction, now: datetime, values: dict[str, Any]) -> None:
    _change(_as_read(interaction, now).values(acted_at=now, **values))


def _as_read(interaction: Interaction, now: datetime) -> Update:
    """The row, if it is still open and of the version that the caller read."""
    return update(interactions).where(
        _columns.id == interaction.id,
        _columns.version == interaction.version,
        _columns.outcome.is_(None),
        _columns.expires_at > now,
    )


def _change(statement: Update) -> None:
    if connection().execute(statement.values(version=_columns.version + 1)).rowcount != 1:
        raise Overtaken


def _linked_columns(linked: ProvedNumber | None) -> dict[str, Any]:
    """What was proved, and with it the end of a code that was asked for before."""
    return {
        "linked_at": linked.at if linked else None,
        "linked_customer_id": linked.customer_id if linked else None,
        "linked_number": linked.number if linked else None,
        "linked_assurance": linked.assurance.value if linked else None,
        "linked_waits_for": linked.waits_for.value if linked and linked.waits_for else None,
        "contact_code_encrypted": None,
    }


def _linked(row: Mapping[str, Any]) -> ProvedNumber | None:
    if row["linked_at"] is None:
        return None
    return ProvedNumber(
        at=row["linked_at"],
        customer_id=row["linked_customer_id"],
        number=row["linked_number"],
        assurance=LinkAssurance(row["linked_assurance"]),
        waits_for=SecondPerson(row["linked_waits_for"]) if row["linked_waits_for"] else None,
    )


def _written(passed: Mapping[str, datetime]) -> dict[str, str] | None:
    return {step: at.isoformat() for step, at in passed.items()} or None


def _read(passed: Mapping[str, str] | None) -> Mapping[str, datetime]:
    return {step: datetime.fromisoformat(at) for step, at in (passed or {}).items()}
