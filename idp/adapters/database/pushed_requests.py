"""Pushed authorization requests: kept until they expire; the grant that answers one uses it up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select, update

from idp.adapters.database.encryption import FieldCipher
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import grants, pushed_requests

_columns = pushed_requests.c
_UNANSWERED = ~exists().where(grants.c.pushed_reference_hash == _columns.reference_hash)


class DatabasePushedRequests:
    """The port `PushedRequests`."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def push(self, reference_hash: str, client_id: str, parameters: Mapping[str, Any], expires_at: datetime) -> None:
        encrypted = self._cipher.encrypt_json(_place(reference_hash), dict(parameters))
        row = {"reference_hash": reference_hash, "client_id": client_id, "expires_at": expires_at}
        connection().execute(insert(pushed_requests), row | {"parameters_encrypted": encrypted})

    def find(self, reference_hash: str, client_id: str, now: datetime) -> Mapping[str, Any] | None:
        statement = select(_columns.parameters_encrypted).where(
            _columns.reference_hash == reference_hash,
            _columns.client_id == client_id,
            _columns.expires_at > now,
            _UNANSWERED,
        )
        encrypted = connection().execute(statement).scalar_one_or_none()
        if encrypted is None:
            return None
        parameters: Mapping[str, Any] = self._cipher.decrypt_json(_place(reference_hash), encrypted)
        return parameters

    def visit(self, reference_hash: str, client_id: str, now: datetime, until: datetime) -> None:
        statement = update(pushed_requests).where(
            _columns.reference_hash == reference_hash,
            _columns.client_id == client_id,
            _columns.visited_at.is_(None),
            _UNANSWERED,
        )
        connection().execute(statement.values(visited_at=now, expires_at=until))


def _place(reference_hash: str) -> str:
    return f"pushed_requests.parameters.{reference_hash}"
