"""Canaries of the secrets, beside the data that these closed."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update

from idp.adapters.database.engine import connection, make_durable
from idp.adapters.database.tables import secret_canaries
from idp.adapters.database.upsert import insert_new
from idp.core.oidc.keys.canary import Canary


class DatabaseCanaries:
    """The port `Canaries`."""

    def all(self) -> Sequence[Canary]:
        rows = connection().execute(select(secret_canaries).order_by(secret_canaries.c.name, secret_canaries.c.version))
        return [Canary(row.name, row.version, bytes(row.canary_hash)) for row in rows]

    def retire(self, name: str, version: int) -> None:
        make_durable()
        mine = secret_canaries.c.name == name, secret_canaries.c.version == version
        connection().execute(update(secret_canaries).where(*mine).values(canary_hash=b""))

    def note(self, canaries: Iterable[Canary]) -> None:
        make_durable()
        for canary in canaries:
            insert_new(secret_canaries, {"name": canary.name, "version": canary.version, "canary_hash": canary.mark})
