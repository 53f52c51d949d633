"""Initial access tokens and the clients that registered with them: each use and each change is one conditional statement."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, or_, select, update

from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection, take_turn
from idp.adapters.database.tables import initial_tokens, registered_clients
from idp.core.budgets import Budget, Exhausted
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.dynamic_registration.registered_client import Admission, Change, InitialToken, RegisteredClient

_tokens, _clients = initial_tokens.c, registered_clients.c
_HOUR = timedelta(hours=1)


class DatabaseInitialTokens:
    """The port `InitialTokens`."""

    def issue(self, token: InitialToken, token_hash: str) -> None:
        row = {name: getattr(token, name) for name in InitialToken.__slots__}
        connection().execute(insert(initial_tokens), row | {"token_hash": token_hash})

    def find_usable(self, token_hash: str, now: datetime) -> InitialToken | None:
        row = connection().execute(select(initial_tokens).where(_tokens.token_hash == token_hash)).mappings().first()
        token = _initial_token(row) if row is not None else None
        return token if token is not None and token.is_usable(now) else None

    def all(self) -> Sequence[InitialToken]:
        statement = select(initial_tokens).order_by(_tokens.created_at.desc(), _tokens.id)
        return [_initial_token(row) for row in connection().execute(statement).mappings()]

    def revoke(self, token_id: str, now: datetime) -> bool:
        statement = update(initial_tokens).where(_tokens.id == token_id, _tokens.revoked_at.is_(None))
        return connection().execute(statement.values(revoked_at=now)).rowcount == 1


class DatabaseRegisteredClients:
    """The port `RegisteredClients`; metadata is encrypted, so that what stands in a row was written by this provider."""

    def __init__(self, cipher: FieldCipher, budgets: DatabaseBudgets) -> None:
        self._cipher, self._budgets = cipher, budgets

    def admit(self, client: RegisteredClient, token_hash: str, *, per_hour: int, most: int, now: datetime) -> Admission:
        """One at a time, so that the number of clients is exact as well."""
        take_turn("registration")
        if connection().execute(select(func.count()).select_from(registered_clients)).scalar_one() >= most:
            return Admission.FULL
        is_usable = (
            _tokens.token_hash == token_hash,
            _tokens.revoked_at.is_(None),
            _tokens.expires_at > now,
            or_(_tokens.uses.is_(None), _tokens.used < _tokens.uses),
        )
        uses = update(initial_tokens).where(*is_usable).values(used=_tokens.used + 1)
        if connection().execute(uses).rowcount == 0:
            return Admission.REFUSED
        scopes = {f"registration.token {token_hash}": Budget(limit=per_hour, window=_HOUR)}
        if isinstance(self._budgets.charge(scopes, now), Exhausted):
            unused = update(initial_tokens).where(_tokens.token_hash == token_hash)
            connection().execute(unused.values(used=_tokens.used - 1))
            return Admission.TOO_FAST
        connection().execute(insert(registered_clients), self._row(client))
        return Admission.ADMITTED

    def find(self, client_id: str) -> RegisteredClient | None:
        statement = select(registered_clients).where(_clients.client_id == client_id)
        row = connection().execute(statement).mappings().first()
        return self._client(row) if row is not None else None

    def all(self) -> Sequence[RegisteredClient]:
        rows = connection().execute(select(registered_clients).order_by(_clients.client_id)).mappings().all()
        return [client for row in rows if (client := self._client(row)) is not None]

    def change(self, client: RegisteredClient, *, per_hour: int, now: datetime) -> Change:
        scopes = {f"registration.change {client.client_id}": Budget(limit=per_hour, window=_HOUR)}
        if isinstance(self._budgets.charge(scopes, now), Exhausted):
            return Change.TOO_FAST
        is_same = (_clients.client_id == client.client_id, _clients.version == client.version)
        values = self._row(client) | {"version": client.version + 1}
        if connection().execute(update(registered_clients).where(*is_same).values(values)).rowcount == 1:
            return Change.CHANGED
        self._budgets.refund(scopes)
        return Change.OVERTAKEN

    def remove(self, client_id: str) -> bool:
        return connection().execute(delete(registered_clients).where(_clients.client_id == client_id)).rowcount == 1

    def _row(self, client: RegisteredClient) -> dict[str, Any]:
        row = {name: getattr(client, name) for name in RegisteredClient.__slots__ if name != "metadata"}
        return row | {"metadata_encrypted": self._cipher.encrypt_json(_place(client.client_id), dict(client.metadata))}

    def _client(self, row: RowMapping) -> RegisteredClient | None:
        """None for a row that somebody wrote or moved by other means."""
        try:
            metadata = self._cipher.decrypt_json(_place(row["client_id"]), row["metadata_encrypted"])
        except FieldUnreadable:
            return None
        plain = {name: row[name] for name in RegisteredClient.__slots__ if name != "metadata"}
        plain["security_profile"] = SecurityProfile(row["security_profile"])
        return RegisteredClient(**plain, metadata=metadata)


class ClientsFromAnywhere(DatabaseRegisteredClients):
    """The same, read also where no connection is open: jobs look clients up outside of any unit of work."""

    def __init__(
        self, cipher: FieldCipher, budgets: DatabaseBudgets, opened: Callable[[], AbstractContextManager[None]]
    ) -> None:
        super().__init__(cipher, budgets)
        self._opened = opened

    def find(self, client_id: str) -> RegisteredClient | None:
        with self._opened():
            return super().find(client_id)

    def all(self) -> Sequence[RegisteredClient]:
        with self._opened():
            return super().all()


def _initial_token(row: RowMapping) -> InitialToken:
    plain = {name: row[name] for name in InitialToken.__slots__}
    return InitialToken(**plain | {"security_profile": SecurityProfile(row["security_profile"])})


def _place(client_id: str) -> str:
    return f"registered_clients.metadata.{client_id}"
