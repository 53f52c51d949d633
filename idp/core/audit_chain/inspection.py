"""Inspection: walks along the log once and says what is not as it was written, where, and what that means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from idp.core.audit_chain.marks import GENESIS, SLOWEST, End, Entry, MarkKeys
from idp.core.audit_chain.numbering import Accounts

MOST_TOLD = 100
"""So many damages are kept, the first ones; the others are counted."""


class Damage(StrEnum):
    """What is wrong."""

    CHANGED = "this row was changed after it was written"
    ROW_GONE = "its row was deleted"
    SEAL_GONE = "this position is missing: its seal, or its row and seal, were deleted"
    LINK = "its seal does not follow from those before it: rows were moved, put in or exchanged here"
    NOT_OURS = "this row was not written by this provider, or it was changed before it was sealed"
    MISSED = "the log lacks a row that the same process wrote before this one"
    TWICE = "this row repeats the number of another one"
    WAITS = "this row was written more than an hour ago and has no place in the chain"
    BACK_DATED = "this row is dated before the beginning of the log"
    BEGINNING = "the signed beginning of the log is missing or forged"
    END = "the signed end of the log is missing or forged"
    FRONT_CUT = "rows are missing at the beginning of the log"
    TAIL_CUT = "rows are missing at the end of the log"
    BEYOND_END = "there are seals behind the signed end of the log"
    ANCHOR = "an anchor says that the chain was another one here"
    ANCHOR_BEYOND = "an anchor says that the log was longer: its end was cut off, or an older backup was restored"


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage and its place."""

    damage: Damage
    position: int | None = None
    """In the chain."""
    row_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What an inspection found; the first finding is the first bad row."""

    checked: int
    unsealed: int
    anchors: int
    """How many anchors the chain was compared with."""
    head: bytes
    findings: Sequence[Finding]
    untold: int
    """How many findings more there are."""


class Seal(NamedTuple):
    """A position of the chain, with its row where that is still there."""

    position: int
    audit_id: str
    chain_hash: bytes
    mark: bytes | None
    entry: Entry | None


class MarkedEnd(NamedTuple):
    """An end of the chain as it is stored."""

    end: End
    mark: bytes


@dataclass(slots=True)
class _Findings:
    """The first ones of each kind of place, in the order of the chain."""

    told: list[Finding] = field(default_factory=list)
    untold: int = 0

    def add(self, damage: Damage, position: int | None = None, row_id: str | None = None) -> None:
        if len(self.told) < MOST_TOLD:
            self.told.append(Finding(damage, position, row_id))
        else:
            self.untold += 1


class Inspection:
    """Feed it the ends, the seals in order, the rows without seal, and then ask for the result."""

    def __init__(self, keys: MarkKeys, ends: Mapping[str, MarkedEnd], anchors: Mapping[int, bytes], now: int) -> None:
        """`anchors`: links by their position; `now` in microseconds since 1970."""
        self._keys, self._now = keys, now
        self._along, self._beside = _Findings(), _Findings()
        begins = self._end("beginning", ends, Damage.BEGINNING)
        self._stops = self._end("end", ends, Damage.END)
        settled = self._end("settled", ends, Damage.BEGINNING) if "settled" in ends else None
        if any(stored.mark[:1] < ends["end"].mark[:1] for stored in ends.values() if "end" in ends):
            self._along.add(Damage.BEGINNING)  # all are signed anew when the secret is
        self._begins_at = begins.at if begins is not None else 0
        self._position = begins.position if begins is not None else 0
        self._chain = begins.chain_hash if begins is not None else GENESIS
        self._first = self._position + 1
        self._accounts = Accounts(self._begins_at)
        if settled is not None:
            self._accounts = Accounts(max(self._begins_at, settled.at), settled.position)
        self._anchors = {position: link for position, link in anchors.items() if position > self._position}
        self._compared = 0
        self._checked = self._unsealed = 0

    def seals(self, seals: Iterable[Seal]) -> None:
        """The next ones, by position."""
        for seal in seals:
            self._seal(seal)

    def unsealed(self, entry: Entry, mark: bytes) -> None:
        """A row without a place."""
        self._unsealed += 1
        if not self._keys.takes_row(mark, entry, self._now):
            self._beside.add(Damage.NOT_OURS, row_id=entry.id)
            return
        self._account(entry, None)
        if entry.at <= self._begins_at:
            self._beside.add(Damage.BACK_DATED, row_id=entry.id)
        elif entry.at < self._now - SLOWEST:
            self._beside.add(Damage.WAITS, row_id=entry.id)

    def result(self) -> Inspected:
        """What was found."""
        self._compare_end()
        for missed in self._accounts.missed():
            (self._along if missed.said_at else self._beside).add(Damage.MISSED, missed.said_at, missed.said_by)
        if beyond := [position for position in self._anchors if position > self._position]:
            self._along.add(Damage.ANCHOR_BEYOND, min(beyond))
        along = sorted(self._along.told, key=lambda finding: finding.position or 0)
        return Inspected(
            checked=self._checked,
            unsealed=self._unsealed,
            anchors=self._compared,
            head=self._chain,
            findings=(*along, *self._beside.told),
            untold=self._along.untold + self._beside.untold,
        )

    def _seal(self, seal: Seal) -> None:
        self._checked += 1
        expected = self._position + 1
        follows = seal.position == expected
        if not follows:
            self._along.add(Damage.FRONT_CUT if expected == self._first else Damage.SEAL_GONE, expected)
        if seal.entry is None or seal.mark is None:
            self._along.add(Damage.ROW_GONE, seal.position, seal.audit_id)
        elif not self._keys.fits_row(seal.mark, seal.entry):
            self._along.add(Damage.CHANGED, seal.position, seal.audit_id)
        elif follows and not self._keys.fits_link(seal.chain_hash, self._chain, seal.position, seal.mark):
            self._along.add(Damage.LINK, seal.position, seal.audit_id)
        else:
            self._account(seal.entry, seal.position)
        self._compare_anchor(seal)
        self._position, self._chain = seal.position, seal.chain_hash

    def _account(self, entry: Entry, position: int | None) -> None:
        if not self._accounts.note(entry.writer, entry.number, entry.outstanding, position, entry.id):
            (self._beside if position is None else self._along).add(Damage.TWICE, position, entry.id)

    def _compare_anchor(self, seal: Seal) -> None:
        anchored = self._anchors.pop(seal.position, None)
        if anchored is None:
            return
        self._compared += 1
        if anchored != seal.chain_hash:
            self._along.add(Damage.ANCHOR, seal.position, seal.audit_id)

    def _end(self, name: str, ends: Mapping[str, MarkedEnd], damage: Damage) -> End | None:
        stored = ends.get(name)
        if stored is None or not self._keys.fits_end(stored.mark, name, stored.end):
            self._along.add(damage)
            return None
        return stored.end

    def _compare_end(self) -> None:
        if self._stops is None:
            return
        if self._position < self._stops.position:
            self._along.add(Damage.TAIL_CUT, self._position + 1)
        elif self._position > self._stops.position:
            self._along.add(Damage.BEYOND_END, self._stops.position + 1)
        elif self._chain != self._stops.chain_hash:
            self._along.add(Damage.LINK, self._position)
