"""Marks: what only the holder of the audit secret can write, one on each row, each link of the chain and each of its ends.

A mark is one byte of the secret's version and 32 of HMAC-SHA-256. Each use has a key of its own, derived from the secret.
"""

import hmac
import json
from collections.abc import Mapping
from typing import NamedTuple

MARK_BYTES = 33
GENESIS = bytes(MARK_BYTES)
"""What the first link follows."""


SLOWEST = 3_600_000_000
"""Microseconds: so long a row may wait for its place, however slow its transaction and the jobs."""


class Entry(NamedTuple):
    """A row of the log as it is stored, without its mark."""

    id: str
    at: int
    """Microseconds since 1970."""
    event: str
    person_id: str | None
    facts: str
    writer: str
    """The process that wrote it; see `numbering`."""
    number: int
    outstanding: str | None


class End(NamedTuple):
    """Where the chain begins or ends: everything up to `position` was forgotten, or is sealed."""

    position: int
    chain_hash: bytes
    """Of the link at that position."""
    at: int
    """Microseconds since 1970: when the youngest row up to there was written."""


class MarkKeys:
    """The versions of the audit secret, as keys for each use."""

    def __init__(self, versions: Mapping[int, bytes], in_use_since: int = 0) -> None:
        """By version; the first one makes marks, since then in microseconds since 1970."""
        self.versions = versions
        self.newest = next(iter(versions))
        self._in_use_since = in_use_since
        self._rows, self._links, self._ends = (
            {version: derived(secret, use) for version, secret in versions.items()} for use in ("row", "link", "end")
        )

    def of_row(self, entry: Entry) -> bytes:
        """The mark of a new row."""
        return _mark(self._rows, self.newest, _row(entry))

    def fits_row(self, mark: bytes, entry: Entry) -> bool:
        """Whether a row is as it was written; not when its version of the secret is unknown."""
        return _fits(self._rows, mark, _row(entry))

    def takes_row(self, mark: bytes, entry: Entry, now: int) -> bool:
        """Whether a row may still get its place: an older version may have leaked, and marks nothing that comes later."""
        is_late = now > self._in_use_since + SLOWEST
        return self.fits_row(mark, entry) and (mark[0] == self.newest or not is_late)

    def of_link(self, before: bytes, position: int, row_mark: bytes) -> bytes:
        """The link of a row at its position, after the link before."""
        return _mark(self._links, self.newest, before + position.to_bytes(8, "big") + row_mark)

    def fits_link(self, link: bytes, before: bytes, position: int, row_mark: bytes) -> bool:
        """Whether a link follows the one before; no link is of an older version than the one before."""
        if link[:1] < before[:1]:
            return False
        return _fits(self._links, link, before + position.to_bytes(8, "big") + row_mark)

    def of_end(self, name: str, end: End) -> bytes:
        """The mark of the chain's beginning or end."""
        return _mark(self._ends, self.newest, _end(name, end))

    def fits_end(self, mark: bytes, name: str, end: End) -> bool:
        """Whether somebody has said so who holds the secret of the last link; an older one may have leaked."""
        return mark[:1] >= end.chain_hash[:1] and _fits(self._ends, mark, _end(name, end))


def derived(secret: bytes, use: str) -> bytes:
    """A key for one use."""
    return hmac.digest(secret, f"audit {use}".encode(), "sha256")


def _mark(keys: Mapping[int, bytes], version: int, what: bytes) -> bytes:
    return bytes((version,)) + hmac.digest(keys[version], what, "sha256")


def _fits(keys: Mapping[int, bytes], mark: bytes, what: bytes) -> bool:
    key = keys.get(mark[0]) if mark else None
    return key is not None and hmac.compare_digest(hmac.digest(key, what, "sha256"), mark[1:])


def _row(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()


def _end(name: str, end: End) -> bytes:
    return json.dumps([name, end.position, end.chain_hash.hex(), end.at]).encode()
