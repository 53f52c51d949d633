"""What hangs on each version of a secret: the first byte of every encrypted field, keyed hash and mark is its version."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ColumnElement, LargeBinary, func, select

from idp.adapters.database.engine import connection
from idp.adapters.database.tables import audit, audit_ends, audit_seals, budgets, grants, metadata
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp.core.oidc.keys.rotation import Held, Remedy
from idp.core.personal_data.classification import Kind
from idp.core.personal_data.inventory import INVENTORY

OF_PERSON = 0
"""In place of a version: the key of the person."""


REHASHED: Final = frozenset(
    {
        "people.email_hash",
        "people.phone_hash",
        "identities.key_hash",
        "customers.organisation_number_hash",
        "customer_numbers.last_four_hash",
    }
)
"""Keyed hashes of what is kept encrypted as well, so that they can be made again."""


def encrypted_columns() -> Sequence[Column[bytes]]:
    """Every encrypted field."""
    return columns_of(Kind.SECRET, Kind.ENCRYPTED, Kind.PERSON_KEY)


def columns_of(*kinds: Kind) -> Sequence[Column[bytes]]:
    """Every column of these kinds."""
    places = [place for place, column in INVENTORY.items() if column.kind in kinds]
    return [metadata.tables[table].c[name] for table, name in places]


def place(column: Column[bytes]) -> str:
    """What an operator reads."""
    return f"{column.table.name}.{column.name}"


def version_of(column: Column[bytes]) -> ColumnElement[bytes]:
    """The first byte of a field, in a statement."""
    return func.substr(column, 1, 1, type_=LargeBinary)


class DatabaseSecretUse:
    """The port `SecretUse`."""

    def held(self, name: str, versions: Sequence[SecretKey], now: datetime) -> Mapping[int, Sequence[Held]]:
        """By version; of the one in use as well."""
        found: dict[int, list[Held]] = defaultdict(list)
        for version, held in self._each(name, versions, now):
            found[version].append(held)
        return found

    def _each(self, name: str, versions: Sequence[SecretKey], now: datetime) -> Iterator[tuple[int, Held]]:
        match name:
            case "fields":
                for column in encrypted_columns():
                    yield from _counted(column, Remedy.REENCRYPT)
            case "pepper":
                for column in columns_of(Kind.KEYED_HASH):
                    if column is budgets.c.key_hash:
                        yield from _counters(now)
                    else:
                        yield from _counted(column, Remedy.REENCRYPT if place(column) in REHASHED else Remedy.WAIT)
            case "audit":
                for column in (audit.c.mark_hash, audit_seals.c.chain_hash, audit_ends.c.mark_hash):
                    yield from _counted(column, Remedy.STAYS)
            case "tokens":
                yield from _logins(versions, now)


def _counted(column: Column[bytes], remedy: Remedy) -> Iterator[tuple[int, Held]]:
    version = version_of(column).label("version")
    counted = select(version, func.count()).where(column.is_not(None)).group_by(version)
    for first, rows in connection().execute(counted):
        if first and (number := bytes(first)[0]) != OF_PERSON:
            yield number, Held(place=place(column), rows=rows, remedy=remedy)


def _counters(now: datetime) -> Iterator[tuple[int, Held]]:
    """What was counted is told by its hash alone, so it cannot be hashed anew; it ends with its window."""
    version = version_of(budgets.c.key_hash).label("version")
    counted = select(version, func.count(), func.max(budgets.c.expires_at, type_=budgets.c.expires_at.type))
    for first, rows, until in connection().execute(counted.where(budgets.c.expires_at > now).group_by(version)):
        yield bytes(first)[0], Held(place="budgets.key_hash", rows=rows, remedy=Remedy.WAIT, until=until)


def _logins(versions: Sequence[SecretKey], now: datetime) -> Iterator[tuple[int, Held]]:
    """No token is stored: those of a grant may be of any version that was in use since the grant began."""
    lives = grants.c.expires_at > now, grants.c.revoked_at.is_(None)
    later: datetime | None = None
    for secret in sorted(versions, key=lambda each: -each.version):
        until_then = lives if later is None else (*lives, grants.c.issued_at <= later)
        rows, until = (
            connection()
            .execute(
                select(func.count(), func.max(grants.c.expires_at, type_=grants.c.expires_at.type)).where(*until_then)
            )
            .one()
        )
        if rows:
            yield secret.version, Held(place="grants", rows=rows, remedy=Remedy.WAIT, until=until)
        later = secret.used_from or secret.made_at or later
