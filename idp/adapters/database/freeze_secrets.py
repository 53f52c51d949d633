"""Freeze secrets: hashes of what notices of new users hold, each used up by one conditional statement."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import insert, select, update

from idp.adapters.database.engine import connection
from idp.adapters.database.linking_tables import freeze_secrets
from idp.core.linking.freeze_secrets import Held, Known, SpentSecret

_columns = freeze_secrets.c
_HELD = tuple(_columns[name] for name in Held.__dataclass_fields__)


class DatabaseFreezeSecrets:
    """The port `FreezeSecrets`."""

    @staticmethod
    def give_out(held: Held, now: datetime, *, until: datetime) -> str:
        secret = secrets.token_urlsafe(24)
        row = {name: getattr(held, name) for name in Held.__dataclass_fields__}
        hashed = {"secret_hash": _hash(secret), "given_out_at": now, "expires_at": until}
        connection().execute(insert(freeze_secrets), row | hashed)
        return secret

    @staticmethod
    def look(secret: str, now: datetime) -> Known | SpentSecret | None:
        found = select(*_HELD, _columns.reference, _columns.expires_at).where(_columns.secret_hash == _hash(secret))
        row = connection().execute(found).mappings().one_or_none()
        if row is None:
            return None
        if row["reference"] is not None:
            return SpentSecret(row["reference"])
        return Known(Held(**{column.name: row[column.name] for column in _HELD})) if now < row["expires_at"] else None

    def use(self, secret: str, now: datetime, *, reference: str) -> Known | SpentSecret | None:
        unused = update(freeze_secrets).where(
            _columns.secret_hash == _hash(secret), _columns.reference.is_(None), _columns.expires_at > now
        )
        used = unused.values(used_at=now, reference=reference).returning(*_HELD)
        row = connection().execute(used).mappings().one_or_none()
        return Known(Held(**row)) if row is not None else self.look(secret, now)


def _hash(secret: str) -> str:
    """The secret has 192 random bits, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
