"""The browsers that people have logged in with, known by the hash of a cookie."""

from datetime import datetime

from sqlalchemy import delete

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import known_devices
from idp.adapters.database.upsert import insert_or_count
from idp.core.ids import new_id
from idp.core.signin.ports import NotedDevice


class DatabaseKnownDevices:
    """The ports `KnownDevices` of signing in and of accounts."""

    def note(self, person_id: str, cookie_hash: str, now: datetime, expires_at: datetime) -> NotedDevice:
        """Two logins at once count both, and one of them is the first."""
        row = {
            "id": new_id(now),
            "person_id": person_id,
            "cookie_hash": cookie_hash,
            "logins": 1,
            "expires_at": expires_at,
        }
        noted = insert_or_count(
            known_devices, row, index=["person_id", "cookie_hash"], counted="logins", replaced=["expires_at"]
        )
        return NotedDevice(id=noted["id"], is_new=noted["logins"] == 1)

    def forget(self, device_id: str) -> str | None:
        gone = delete(known_devices).where(known_devices.c.id == device_id).returning(known_devices.c.person_id)
        return connection().execute(gone).scalar_one_or_none()

    def exists(self, device_id: str) -> bool:
        return connection().execute(known_devices.select().where(known_devices.c.id == device_id)).first() is not None
