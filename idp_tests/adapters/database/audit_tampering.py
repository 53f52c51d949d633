"""Whatever somebody who owns the database, and not the audit secret, may do to the log; each with the place that must be told."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias

from sqlalchemy import delete, insert, select, update

from idp.adapters.database.audit import DatabaseAudit
from idp.adapters.database.audit_chain import DatabaseAuditChain
from idp.adapters.database.columns import microseconds, moment
from idp.adapters.database.engine import connection
from idp.adapters.database.tables import audit, audit_ends, audit_seals
from idp.core.audit_chain.marks import End, Entry
from idp.core.events import SessionEnded
from idp_tests.databases import AUDIT_KEYS, NOW, audit_keys

FORGOTTEN, SEALED, UNSEALED = 5, 40, 8
"""Positions up to which rows were forgotten and sealed, and how many rows follow without a seal."""
SOON = NOW + timedelta(minutes=10)
CHAIN = DatabaseAuditChain(AUDIT_KEYS)

Place: TypeAlias = int | str | None
"""A position, the id of a row without one, or None for the ends."""


@dataclass
class Log:
    """A log of two processes in the present unit of work."""

    writers: tuple[DatabaseAudit, DatabaseAudit]
    backup: Mapping[str, list[dict[str, Any]]]
    """As it was ten positions ago."""
    chance: Random

    def row(self, position: int) -> dict[str, Any]:
        chosen = select(audit).join(audit_seals, audit_seals.c.audit_id == audit.c.id)
        return dict(connection().execute(chosen.where(audit_seals.c.position == position)).mappings().one())

    def unsealed(self) -> list[dict[str, Any]]:
        sealed = select(audit_seals.c.audit_id)
        chosen = select(audit).where(audit.c.id.not_in(sealed)).order_by(audit.c.at)
        return [dict(row) for row in connection().execute(chosen).mappings()]

    def position(self, *, before_last: int = 0) -> int:
        return self.chance.randint(FORGOTTEN + 1, SEALED - before_last)

    def change(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Another value for one of its columns."""
        column = self.chance.choice(
            ["at", "event", "person_id", "facts", "writer", "number", "outstanding", "mark_hash"]
        )
        values = {
            "at": row["at"] + timedelta(microseconds=self.chance.choice([-1, 1, 10**9, -(10**13)])),
            "event": "login.identified",
            "person_id": self.chance.choice([None, "q" * 32]),
            "facts": row["facts"].replace("logout", self.chance.choice(["logouT", "", "blocked"])),
            "writer": "0" * 32,
            "number": row["number"] + self.chance.choice([-1, 1, 1000]),
            "outstanding": self.chance.choice(["{}", '{"open":[],"lost":[1]}']),
            "mark_hash": self.chance.choice(
                [b"", bytes(33), row["mark_hash"][:-1] + bytes([row["mark_hash"][-1] ^ 1]), row["mark_hash"][:-1]]
            ),
        }
        return {column: values[column]}


def fill(log: tuple[DatabaseAudit, DatabaseAudit], chance: Random) -> Log:
    """Forty rows by two processes, of which five are forgotten, and eight without a place."""
    CHAIN.begin()
    backup: dict[str, list[dict[str, Any]]] = {}
    for number in range(SEALED + UNSEALED):
        at = NOW + timedelta(seconds=number)
        log[number % 2].record(SessionEnded(person_id="p" * 32, session_id=str(number), reason="logout"), at)
        if number + 1 in {SEALED - 10, SEALED}:
            CHAIN.seal(at)
        if number + 1 == SEALED - 10:
            CHAIN.forget(NOW + timedelta(seconds=FORGOTTEN - 1))
            for table in (audit, audit_seals, audit_ends):
                backup[table.name] = [dict(row) for row in connection().execute(select(table)).mappings()]
    return Log(log, backup, chance)


def edits_a_row(log: Log) -> Place:
    position = log.position()
    row = log.row(position)
    connection().execute(update(audit).where(audit.c.id == row["id"]).values(log.change(row)))
    return position


def edits_a_row_without_seal(log: Log) -> Place:
    row = log.chance.choice(log.unsealed())
    connection().execute(update(audit).where(audit.c.id == row["id"]).values(log.change(row)))
    return str(row["id"])


def deletes_a_row(log: Log) -> Place:
    position = log.position()
    connection().execute(delete(audit).where(audit.c.id == log.row(position)["id"]))
    return position


def deletes_a_row_and_its_seal(log: Log) -> Place:
    position = log.position()
    connection().execute(delete(audit).where(audit.c.id == log.row(position)["id"]))
    connection().execute(delete(audit_seals).where(audit_seals.c.position == position))
    return position


def deletes_a_seal(log: Log) -> Place:
    position = log.position()
    connection().execute(delete(audit_seals).where(audit_seals.c.position == position))
    return position


def deletes_and_closes_the_gap(log: Log) -> Place:
    position = log.position(before_last=1)
    connection().execute(delete(audit).where(audit.c.id == log.row(position)["id"]))
    connection().execute(delete(audit_seals).where(audit_seals.c.position == position))
    _shift(position, -1)
    return position


def edits_a_seal(log: Log) -> Place:
    position = log.position()
    values: dict[str, Any] = log.chance.choice(
        [{"chain_hash": secrets.token_bytes(33)}, {"chain_hash": b""}, {"audit_id": "0" * 32}]
    )
    connection().execute(update(audit_seals).where(audit_seals.c.position == position).values(values))
    return position


def exchanges_two_rows(log: Log) -> Place:
    first, second = sorted(log.chance.sample(range(FORGOTTEN + 1, SEALED + 1), 2))
    ids = log.row(first)["id"], log.row(second)["id"]
    for position, row_id in ((first, "-"), (second, ids[0]), (first, ids[1])):
        connection().execute(update(audit_seals).where(audit_seals.c.position == position).values(audit_id=row_id))
    return first


def exchanges_two_positions(log: Log) -> Place:
    first, second = sorted(log.chance.sample(range(FORGOTTEN + 1, SEALED + 1), 2))
    for before, after in ((first, -1), (second, first), (-1, second)):
        connection().execute(update(audit_seals).where(audit_seals.c.position == before).values(position=after))
    return first


def puts_a_row_in(log: Log) -> Place:
    row = log.row(log.position()) | {"id": secrets.token_hex(16)}
    row |= log.chance.choice([{}, {"mark_hash": secrets.token_bytes(33)}, {"at": NOW - timedelta(days=40)}])
    connection().execute(insert(audit).values(row))
    return str(row["id"])


def puts_a_row_and_a_seal_in(log: Log) -> Place:
    position = log.position()
    row = log.row(position) | {"id": secrets.token_hex(16)}
    _shift(position - 1, 1)
    connection().execute(insert(audit).values(row))
    link = log.chance.choice([secrets.token_bytes(33), _link(position + 1)])
    connection().execute(insert(audit_seals).values(position=position, audit_id=row["id"], chain_hash=link))
    return position


def dates_a_row_back(log: Log) -> Place:
    position = log.position()
    earlier = NOW - timedelta(days=log.chance.randint(1, 900))
    connection().execute(update(audit).where(audit.c.id == log.row(position)["id"]).values(at=earlier))
    return position


def cuts_the_end_off(log: Log) -> Place:
    position = log.position()
    _cut(range(position, SEALED + 1), log)
    return position


def cuts_the_beginning_off(log: Log) -> Place:
    _cut(range(FORGOTTEN + 1, log.position() + 1), log)
    return FORGOTTEN + 1


def empties_tables(log: Log) -> Place:
    tables = log.chance.choice(
        [[audit], [audit_seals], [audit, audit_seals], [audit_ends], [audit, audit_seals, audit_ends]]
    )
    for table in tables:
        connection().execute(delete(table))
    return None if audit_ends in tables else FORGOTTEN + 1


def edits_an_end(log: Log) -> Place:
    name = log.chance.choice(["beginning", "end"])
    position = log.position(before_last=1)
    values: dict[str, Any] = log.chance.choice(
        [
            {"position": position},
            {"chain_hash": _link(position)},
            {"at": NOW + timedelta(days=9)},
            {"mark_hash": bytes(33)},
        ]
    )
    connection().execute(update(audit_ends).where(audit_ends.c.name == name).values(values))
    return None


def deletes_a_row_without_seal(log: Log) -> Place:
    rows = log.unsealed()
    gone = log.chance.randrange(len(rows) - 2)
    connection().execute(delete(audit).where(audit.c.id == rows[gone]["id"]))
    return str(rows[gone + 2]["id"])  # the next one of the same process


def deletes_the_last_rows_before_their_processes_go_on(log: Log) -> Place:
    rows = log.unsealed()
    for row in rows[log.chance.randrange(len(rows)) :]:
        connection().execute(delete(audit).where(audit.c.id == row["id"]))
    for writer in log.writers:
        writer.record(SessionEnded(person_id="p" * 32, session_id="after", reason="logout"), SOON)
    return next(str(row["id"]) for row in log.unsealed() if row["writer"] == rows[-1]["writer"] and row["at"] == SOON)


def builds_the_chain_again(log: Log) -> Place:
    """As somebody who knows how it is made and has to guess the secret."""
    theirs = audit_keys({1: secrets.token_bytes(32)})()
    begins = log.position()
    chain = _link(begins - 1) if begins > FORGOTTEN + 1 else _end_link("beginning")
    for position in range(begins, SEALED + 1):
        row = log.row(position)
        facts = row["facts"].replace("logout", "blocked")
        entry = Entry(**{name: row[name] for name in Entry._fields} | {"at": microseconds(row["at"]), "facts": facts})
        mark = theirs.of_row(entry)
        chain = theirs.of_link(chain, position, mark)
        connection().execute(update(audit).where(audit.c.id == row["id"]).values(facts=facts, mark_hash=mark))
        connection().execute(update(audit_seals).where(audit_seals.c.position == position).values(chain_hash=chain))
    if log.chance.random() < 0.5:
        return begins
    end = End(SEALED, chain, microseconds(NOW))
    values = {"chain_hash": chain, "at": moment(end.at), "mark_hash": theirs.of_end("end", end)}
    connection().execute(update(audit_ends).where(audit_ends.c.name == "end").values(values))
    return None


def restores_an_older_backup(log: Log) -> Place:
    for table in (audit, audit_seals, audit_ends):
        connection().execute(delete(table))
        connection().execute(insert(table), log.backup[table.name])
    return SEALED


KINDS: tuple[Callable[[Log], Place], ...] = (
    edits_a_row,
    edits_a_row_without_seal,
    deletes_a_row,
    deletes_a_row_and_its_seal,
    deletes_a_seal,
    deletes_and_closes_the_gap,
    edits_a_seal,
    exchanges_two_rows,
    exchanges_two_positions,
    puts_a_row_in,
    puts_a_row_and_a_seal_in,
    dates_a_row_back,
    cuts_the_end_off,
    cuts_the_beginning_off,
    empties_tables,
    edits_an_end,
    deletes_a_row_without_seal,
    deletes_the_last_rows_before_their_processes_go_on,
    builds_the_chain_again,
    restores_an_older_backup,
)


def _cut(positions: range, log: Log) -> None:
    with_rows = log.chance.random() < 0.5
    for position in positions:
        if with_rows:
            connection().execute(delete(audit).where(audit.c.id == log.row(position)["id"]))
        connection().execute(delete(audit_seals).where(audit_seals.c.position == position))


def _shift(after: int, by: int) -> None:
    """Move all later positions; over negative ones, so that no two meet."""
    column = audit_seals.c.position
    connection().execute(update(audit_seals).where(column > after).values(position=-(column + by)))
    connection().execute(update(audit_seals).where(column < 0).values(position=-column))


def _link(position: int) -> bytes:
    chosen = select(audit_seals.c.chain_hash).where(audit_seals.c.position == position)
    return bytes(connection().execute(chosen).scalar_one())


def _end_link(name: str) -> bytes:
    return bytes(connection().execute(select(audit_ends.c.chain_hash).where(audit_ends.c.name == name)).scalar_one())
