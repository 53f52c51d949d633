"""What the outbox holds, for tests that read their mail."""

from typing import Any

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import outbox
from idp_tests.provider import Provider


def messages(provider: Provider, kind: str) -> list[dict[str, Any]]:
    """The messages of one kind that wait for delivery, the oldest first."""
    cipher = provider.parts.store.outbox._cipher
    with provider.parts.database.unit_of_work():
        rows = connection().execute(outbox.select().where(outbox.c.kind == kind).order_by(outbox.c.id)).all()
        return [cipher.decrypt_json(f"outbox.payload.{row.id}", row.payload_encrypted) for row in rows]
