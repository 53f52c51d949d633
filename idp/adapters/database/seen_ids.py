"""Replay memory: an id may be used once by its owner, and the primary key decides who was first."""

from datetime import datetime

from idp.adapters.database.encryption import fingerprint
from idp.adapters.database.tables import seen_ids
from idp.adapters.database.upsert import InsertNew

_REMEMBER = InsertNew(seen_ids)


class DatabaseSeenIds:
    """The port `SeenIds`."""

    def remember(self, purpose: str, owner: str, jti: str, expires_at: datetime) -> bool:
        """Purpose and owner are ours and hold no NUL; the id is the sender's and comes last."""
        row = {"id_hash": fingerprint(f"{purpose}\x00{owner}\x00{jti}"), "expires_at": expires_at}
        return _REMEMBER(row)
