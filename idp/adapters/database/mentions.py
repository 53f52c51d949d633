"""Mentions: rows whose encrypted field says something, where no column tells whom the row is about."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, select

from idp.adapters.database.encryption import FieldCipher, FieldUnreadable
from idp.adapters.database.engine import connection


def rows_that_say(
    cipher: FieldCipher, column: Column[bytes], texts: Sequence[str], *conditions: ColumnElement[bool]
) -> Sequence[str]:
    """Keys of rows whose field says one of these texts; for fields that are empty but for a moment of a row's life."""
    [key] = column.table.primary_key
    rows = connection().execute(select(key, column).where(column.is_not(None), *conditions))
    wanted = [text.encode() for text in texts]
    return [row_id for row_id, field in rows if _says(cipher, place_of(column, row_id), field, wanted)]


def place_of(column: Column[bytes], row_id: str) -> str:
    """Where an encrypted field lies."""
    return f"{column.table.name}.{column.name.removesuffix('_encrypted')}.{row_id}"


def _says(cipher: FieldCipher, place: str, field: bytes, texts: Sequence[bytes]) -> bool:
    try:
        said = cipher.decrypt(place, field)
    except FieldUnreadable:
        return False
    return any(text in said for text in texts)
