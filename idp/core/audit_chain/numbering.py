"""Numbering: each process numbers its rows, so that one that is deleted before it was sealed is missed by those after it.

No row waits for another process to be numbered. A row says which lower numbers may be missing: those of transactions that were
still open, and of those that were rolled back and are not said yet by a row that stands. So every other number was stored.
"""

import json
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from idp.core.ids import new_id

WRITES_FOR = timedelta(days=1)
"""A process then begins a new numbering, so that a chain whose beginning was forgotten can tell old numberings from new ones."""


class Number(NamedTuple):
    """What a row says of its place among those of its writer."""

    writer: str
    number: int
    outstanding: str | None
    """JSON: `open` and `lost`, the lower numbers that may be missing; None when there are none."""


@dataclass(slots=True, eq=False)
class _Numbering:
    writer: str
    began: datetime
    last: int = 0
    lost: set[int] = field(default_factory=set)
    """Rolled back, or nobody knows, and not yet said."""
    open: dict[int, list[int]] = field(default_factory=dict)
    """The numbers of each open transaction."""
    said: dict[int, set[int]] = field(default_factory=dict)
    """What rows of open transactions say to be lost."""


class Writer:
    """The numbers of one process; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._present: _Numbering | None = None
        self._of_transaction: dict[int, list[_Numbering]] = {}

    def next(self, transaction: int, now: datetime) -> Number:
        """The number of a row that is written in a transaction."""
        with self._lock:
            numbering = self._numbering(now)
            others = [n for key, numbers in numbering.open.items() if key != transaction for n in numbers]
            numbering.last += 1
            numbering.open.setdefault(transaction, []).append(numbering.last)
            numbering.said.setdefault(transaction, set()).update(numbering.lost)
            numberings = self._of_transaction.setdefault(transaction, [])
            if numbering not in numberings:
                numberings.append(numbering)
            return Number(numbering.writer, numbering.last, _outstanding(others, numbering.lost))

    def is_open(self, transaction: int) -> bool:
        """Whether something was numbered in a transaction that has not ended."""
        return transaction in self._of_transaction

    def ended(self, transaction: int, *, committed: bool) -> None:
        """Say what became of a transaction; one of which nobody knows counts as not committed."""
        with self._lock:
            for numbering in self._of_transaction.pop(transaction, ()):
                numbers, said = numbering.open.pop(transaction), numbering.said.pop(transaction)
                if committed:
                    numbering.lost -= said
                else:
                    numbering.lost.update(numbers)

    def _numbering(self, now: datetime) -> _Numbering:
        if self._present is None or abs(now - self._present.began) > WRITES_FOR:
            self._present = _Numbering(new_id(now), now)
        return self._present


def _outstanding(others: Collection[int], lost: Collection[int]) -> str | None:
    if not others and not lost:
        return None
    return json.dumps({"open": sorted(others), "lost": sorted(lost)}, separators=(",", ":"))


class Missed(NamedTuple):
    """A number that some row says was stored, and that is not there."""

    writer: str
    number: int
    said_at: int | None
    """The position of the first row that says so; None for a row that is not sealed."""
    said_by: str
    """The id of that row."""


@dataclass(slots=True)
class _Account:
    """What was seen of one writer; `first` is the lowest number that must be there."""

    first: int
    highest: int
    missing: dict[int, tuple[int | None, str] | None] = field(default_factory=dict)
    """With the first row that says it was stored."""
    excused: set[int] = field(default_factory=set)


class Accounts:
    """Which numbers of each writer are there; its memory is some bytes for each writer and each gap."""

    def __init__(self, forgotten_until: int, settled: int = 0) -> None:
        """Rows up to then, in microseconds since 1970, may have been forgotten with the beginning of the chain.

        `settled`: what was missing up to this position was found before, and is told no more.
        """
        self._forgotten_until, self._settled = forgotten_until, settled
        self._accounts: dict[str, _Account] = {}

    def note(self, writer: str, number: int, outstanding: str | None, position: int | None, row_id: str) -> bool:
        """Take a row into account. Returns False for a number that is there already."""
        account = self._accounts.get(writer)
        if account is None:
            first = number if self._may_be_forgotten(writer) else 1
            account = self._accounts[writer] = _Account(first, first - 1)
        fresh = _take(account, number)
        if position is not None and position <= self._settled:
            account.missing.clear()
            account.first = account.highest + 1
        elif account.missing:
            _hear(account, number, outstanding, (position, row_id))
        elif outstanding is not None:
            account.excused.update(json.loads(outstanding)["lost"])
        return fresh

    def missed(self) -> Iterator[Missed]:
        """What was deleted."""
        for writer, account in self._accounts.items():
            for number, said in account.missing.items():
                if said is not None:
                    yield Missed(writer, number, *said)

    def _may_be_forgotten(self, writer: str) -> bool:
        """Whether rows of it may lie before the chain's present beginning; an id begins with its time in milliseconds."""
        grace = timedelta(hours=1) // timedelta(microseconds=1)
        return int(writer[:12], 16) * 1000 <= self._forgotten_until + grace


def _take(account: _Account, number: int) -> bool:
    if number > account.highest:
        for between in range(account.highest + 1, number):
            if between not in account.excused:
                account.missing[between] = None
        account.highest = number
        return True
    if number in account.missing:
        del account.missing[number]
        return True
    if number in account.excused:
        account.excused.discard(number)
        return True
    return number < account.first


def _hear(account: _Account, number: int, outstanding: str | None, row: tuple[int | None, str]) -> None:
    """What a row says of the numbers below it."""
    said = json.loads(outstanding) if outstanding is not None else {"open": (), "lost": ()}
    account.excused.update(said["lost"])
    for lost in said["lost"]:
        account.missing.pop(lost, None)
    for missing, sayer in account.missing.items():
        if sayer is None and missing < number and missing not in said["open"]:
            account.missing[missing] = row
