"""The chain over the audit log: a job gives rows their places, the sweeper takes the oldest, and both leave a signed end.

A link covers the link before it, its position and its row's mark. Nothing is sealed or forgotten that was not written by us, for else
whoever can write to the database could have false rows sealed, or true ones forgotten by dating them back.
"""

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Row, Select, delete, func, insert, select, type_coerce, update

from idp.adapters.database.columns import microseconds, moment
from idp.adapters.database.engine import connection, see_one_moment, take_turn
from idp.adapters.database.tables import audit, audit_ends, audit_seals
from idp.adapters.database.upsert import insert_new
from idp.core.audit_chain.anchor import Anchor
from idp.core.audit_chain.inspection import Inspected, Inspection, MarkedEnd, Seal
from idp.core.audit_chain.marks import GENESIS, End, Entry, MarkKeys
from idp.core.audit_log import BegunAgain

BEGINNING, END, SETTLED = "beginning", "end", "settled"
"""The ends; what is missing up to the third one was found before a new chain was begun."""
_LATEST_COMMIT = timedelta(hours=1)
"""No unit of work is open for so long, so what is that much older than a sealed row is sealed already."""
_AT = type_coerce(audit.c.at, BigInteger).label("at")
_ENTRY = tuple(_AT if name == "at" else audit.c[name] for name in Entry._fields)
_log = logging.getLogger(__name__)


class ChainBroken(Exception):
    """The chain cannot be continued or shortened: its end or beginning is not what was signed. `idp audit verify` says more."""


@dataclass(slots=True)
class DatabaseAuditChain:
    """The port `AuditChain`."""

    keys: Callable[[], MarkKeys]

    def begin(self) -> None:
        """Sign where the chain of an empty log begins and ends; once in the life of an installation."""
        for name in (BEGINNING, END):
            insert_new(audit_ends, self._end_row(name, End(0, GENESIS, 0)))

    def seal(self, now: datetime, *, limit: int = 1000, everything: bool = False) -> int:
        """Continue the chain over rows without a place; returns how many got one. Raises ChainBroken.

        `everything`: also rows of a clock that was more than an hour behind.
        """
        take_turn("audit chain")
        keys, end = self.keys(), self._end(END)
        _require_last(end)
        since = None if everything else moment(end.at) - _LATEST_COMMIT
        rows = self._sealable(since, limit, microseconds(now))
        seals, position, chain, at = [], end.position, end.chain_hash, end.at
        for entry, mark in rows:
            position += 1
            chain = keys.of_link(chain, position, mark)
            seals.append({"position": position, "audit_id": entry.id, "chain_hash": chain})
            at = max(at, entry.at) if entry.at <= microseconds(now) else at
        if seals:
            connection().execute(insert(audit_seals), seals)
            self._move(END, end, End(position, chain, at))
            self._sign_others_again()
        return len(seals)

    def seal_if_whole(self, now: datetime) -> None:
        """The same for a command, whose own work is worth doing though the chain is broken; jobs say that it is."""
        try:
            self.seal(now)
        except ChainBroken as broken:
            _log.error("audit log not sealed", extra={"reason": str(broken)})

    def forget(self, until: datetime, *, limit: int = 500) -> int:
        """Delete the oldest rows of the chain that were written by then; returns how many. Raises ChainBroken."""
        if self._is_younger(until):
            return 0
        take_turn("audit chain")
        keys, beginning = self.keys(), self._end(BEGINNING)
        if _ends()[BEGINNING].mark[0] < _ends()[END].mark[0]:
            raise ChainBroken("the beginning of the audit log is signed by an older secret than its end")
        gone, position, chain, at = [], beginning.position, beginning.chain_hash, beginning.at
        for seal in _seals(beginning.position, limit):
            if seal.position != position + 1 or seal.entry is None or seal.mark is None:
                raise ChainBroken(f"position {position + 1} is not there")
            if not keys.fits_row(seal.mark, seal.entry) or not keys.fits_link(
                seal.chain_hash, chain, seal.position, seal.mark
            ):
                raise ChainBroken(f"position {seal.position} is not as it was written")
            if seal.entry.at > microseconds(until):
                break
            position, chain, at = seal.position, seal.chain_hash, max(at, seal.entry.at)
            gone.append(seal.audit_id)
        if gone:
            connection().execute(delete(audit_seals).where(audit_seals.c.position <= position))
            connection().execute(delete(audit).where(audit.c.id.in_(gone)))
            self._move(BEGINNING, beginning, End(position, chain, at))
        return len(gone)

    def begin_again(self, now: datetime, *, after: int) -> BegunAgain:
        """Give every row of ours a place in a new chain, behind every position that ever was; delete the others."""
        take_turn("audit chain")
        keys = self.keys()
        first = position = max(after, _last_position(), *(stored.end.position for stored in _ends().values()), 0)
        connection().execute(delete(audit_seals))
        deleted, chain, oldest, youngest = 0, GENESIS, microseconds(now), 0
        for batch in _batches():
            seals, forged = [], []
            for entry, mark in batch:
                if not keys.fits_row(mark, entry):
                    forged.append(entry.id)
                    continue
                position, chain = position + 1, keys.of_link(chain, position + 1, mark)
                seals.append({"position": position, "audit_id": entry.id, "chain_hash": chain})
                oldest, youngest = min(oldest, entry.at), max(youngest, min(entry.at, microseconds(now)))
            deleted += len(forged)
            connection().execute(delete(audit).where(audit.c.id.in_(forged)))
            if seals:
                connection().execute(insert(audit_seals), seals)
        connection().execute(delete(audit_ends))
        ends = {
            BEGINNING: End(first, GENESIS, oldest - _LATEST_COMMIT // timedelta(microseconds=1)),
            END: End(position, chain, youngest),
            SETTLED: End(position, chain, microseconds(now)),
        }
        connection().execute(insert(audit_ends), [self._end_row(name, end) for name, end in ends.items()])
        return BegunAgain(after_position=first, kept=position - first, deleted=deleted)

    def anchor(self, now: datetime) -> Anchor:
        """Where the chain ends now. Raises ChainBroken."""
        end = self._end(END)
        return Anchor(now, end.position, end.chain_hash)

    def holds(self, anchor: Anchor) -> bool:
        """Whether the chain still has this link, or has forgotten it in its turn."""
        if anchor.position <= self._end(BEGINNING).position:
            return True
        link = select(audit_seals.c.chain_hash).where(audit_seals.c.position == anchor.position)
        found = connection().execute(link).scalar_one_or_none()
        return found is not None and bytes(found) == anchor.chain_hash

    def inspect(
        self,
        now: datetime,
        *,
        anchors: Mapping[int, bytes] | None = None,
        batch: int = 5000,
        walked: Callable[[Sequence[Seal]], None] = lambda _seals: None,
    ) -> Inspected:
        """Walk along the whole log, as it is at one moment. `walked` is given each batch of rows."""
        see_one_moment()
        inspection = Inspection(self.keys(), _ends(), anchors or {}, microseconds(now))
        position = -1
        while seals := _seals(position, batch):
            inspection.seals(seals)
            position = seals[-1].position
            walked(seals)
        for entry, mark in itertools.chain.from_iterable(_batches()):
            inspection.unsealed(entry, mark)
        return inspection.result()

    def count(self) -> int:
        """About how many rows are sealed; for a progress bar."""
        ends = _ends()
        return ends[END].end.position - ends[BEGINNING].end.position if {BEGINNING, END} <= ends.keys() else 0

    def _sealable(self, since: datetime | None, limit: int, now: int) -> Sequence[tuple[Entry, bytes]]:
        """Rows without a place that we wrote; what others put there stays without, and holds nobody up."""
        keys, beginning = self.keys(), self._end(BEGINNING)
        after = ""
        while True:
            rows = _unsealed(since, after, limit)
            ours = [row for row in rows if keys.takes_row(row[1], row[0], now) and row[0].at > beginning.at]
            if len(ours) < len(rows):
                refused = [entry.id for entry, _ in rows if entry.id not in {one.id for one, _ in ours}]
                _log.error("audit rows not sealed", extra={"rows": len(refused), "first": refused[0]})
            if ours or len(rows) < limit:
                return ours
            after = rows[-1][0].id

    def _end(self, name: str) -> End:
        stored = _ends().get(name)
        if stored is None or not self.keys().fits_end(stored.mark, name, stored.end):
            raise ChainBroken(f"the signed {name} of the audit log is missing or not ours")
        return stored.end

    def _sign_others_again(self) -> None:
        """By the secret that signs the end: one that leaked could else say that the log begins later."""
        for name, stored in _ends().items():
            if stored.mark[0] != self.keys().newest:
                self._move(name, self._end(name), stored.end)

    def _move(self, name: str, before: End, after: End) -> None:
        row = self._end_row(name, after)
        moved = update(audit_ends).where(audit_ends.c.name == name, audit_ends.c.position == before.position)
        connection().execute(moved.values(row))

    def _end_row(self, name: str, end: End) -> dict[str, Any]:
        mark = self.keys().of_end(name, end)
        return {"name": name, **end._asdict(), "at": moment(end.at), "mark_hash": mark}

    def _is_younger(self, until: datetime) -> bool:
        """Whether the oldest sealed row is to stay; so that a look each minute is one small read."""
        oldest = _sealed_rows().order_by(audit_seals.c.position).limit(1)
        row = connection().execute(oldest).first()
        return row is None or (row.at is not None and row.at > microseconds(until))


def _ends() -> Mapping[str, MarkedEnd]:
    return {
        row.name: MarkedEnd(End(row.position, bytes(row.chain_hash), microseconds(row.at)), bytes(row.mark_hash))
        for row in connection().execute(select(audit_ends))
    }


def _last_position() -> int:
    return connection().execute(select(func.max(audit_seals.c.position))).scalar_one() or 0


def _require_last(end: End) -> None:
    """See that the chain ends where its signed end says. Raises ChainBroken."""
    last = select(audit_seals.c.position, audit_seals.c.chain_hash).order_by(audit_seals.c.position.desc()).limit(1)
    found = connection().execute(last).first()
    if found is not None and (found.position, bytes(found.chain_hash)) != (end.position, end.chain_hash):
        raise ChainBroken(f"the chain ends at {found.position}, its signed end at {end.position}")
    if found is None and end.position != _ends()[BEGINNING].end.position:
        raise ChainBroken(f"the chain is empty, its signed end is at {end.position}")


def _sealed_rows() -> Select[Any]:
    """A row of the log is missing where its columns are null."""
    columns = (audit_seals.c.position, audit_seals.c.audit_id, audit_seals.c.chain_hash, audit.c.mark_hash, *_ENTRY)
    return select(*columns).join_from(audit_seals, audit, audit.c.id == audit_seals.c.audit_id, isouter=True)


def _seals(after: int, limit: int) -> Sequence[Seal]:
    chosen = _sealed_rows().where(audit_seals.c.position > after).order_by(audit_seals.c.position).limit(limit)
    return [_seal(row) for row in connection().execute(chosen)]


def _seal(row: Row[*tuple[Any, ...]]) -> Seal:
    position, audit_id, chain_hash, mark, *entry = row
    if mark is None:
        return Seal(position, audit_id, bytes(chain_hash), None, None)
    return Seal(position, audit_id, bytes(chain_hash), bytes(mark), Entry(*entry))


def _unsealed(since: datetime | None, after: str, limit: int) -> Sequence[tuple[Entry, bytes]]:
    sealed = select(audit_seals.c.audit_id).where(audit_seals.c.audit_id == audit.c.id)
    chosen = select(audit.c.mark_hash, *_ENTRY).where(~sealed.exists(), audit.c.id > after)
    if since is not None:
        chosen = chosen.where(audit.c.at > since)
    rows = connection().execute(chosen.order_by(audit.c.id).limit(limit))
    return [(Entry(*entry), bytes(mark)) for mark, *entry in rows]


def _batches(size: int = 5000) -> Iterator[Sequence[tuple[Entry, bytes]]]:
    """Every row without a place, by id."""
    after = ""
    while rows := _unsealed(None, after, size):
        yield rows
        after = rows[-1][0].id
