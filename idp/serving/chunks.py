"""A body in chunks (RFC 9112 7.1), taken strictly and from any pieces it comes in."""

import re
from dataclasses import dataclass, field
from typing import Final

TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
FIELD: Final = TOKEN + rb":[\t\x20-\x7e\x80-\xff]*"
BARE_LINE_FEED: Final = re.compile(rb"(?<!\r)\n")

_LINE_BYTES: Final = 256
_TRAILER_BYTES: Final = 4 * 1024
_LEAST_SHARE: Final = 8
"""Chunks of one byte need six bytes each; a client that needs more has nothing to say."""
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
_TRAILERS = re.compile(rb"(?:" + FIELD + rb"\r\n)*")


class Malformed(Exception):
    """Not in chunks, or in a way that another reader may understand in another way."""


class TooLong(Exception):
    """More than may be taken; `length` is what is known of it."""

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length


@dataclass(slots=True)
class ChunkedBody:
    """A body of unknown length (RFC 9112 7.1), taken from the buffer piece by piece."""

    most: int
    """Bytes of data."""
    data: bytearray = field(default_factory=bytearray)
    _taken: int = 0
    _left: int | None = None
    """Of the present chunk, with its line end; None: a size comes next."""
    _ends: bool = False

    def take(self, buffer: bytearray) -> bool:
        """Take what is there; True when the body is whole. Raises Malformed and TooLong."""
        while not self._ends:
            if self._left is None:
                if not self._take_size(buffer):
                    return False
            elif not self._take_data(buffer):
                return False
        return self._take_trailers(buffer)

    def _take_size(self, buffer: bytearray) -> bool:
        end = buffer.find(b"\r\n", 0, _LINE_BYTES)
        if end < 0:
            if len(buffer) >= _LINE_BYTES or BARE_LINE_FEED.search(buffer):
                raise Malformed
            return False
        size = _SIZE.fullmatch(buffer, 0, end)
        if size is None:
            raise Malformed
        self._left = int(size[1], 16) + 2
        self._ends = self._left == 2
        if len(self.data) + self._left - 2 > self.most:
            raise TooLong(len(self.data) + self._left - 2)
        self._count(end + 2)
        del buffer[: end + 2]
        return True

    def _take_data(self, buffer: bytearray) -> bool:
        left = self._left or 0
        if len(buffer) < left:
            # What is there of the chunk itself moves on; its line end is looked at as a whole.
            part = min(len(buffer), left - 2)
            self._move(buffer, part)
            self._left = left - part
            return False
        self._move(buffer, left - 2)
        if buffer[:2] != b"\r\n":
            raise Malformed
        del buffer[:2]
        self._count(2)
        self._left = None
        return True

    def _take_trailers(self, buffer: bytearray) -> bool:
        """Nothing in them is used, but they must be some."""
        end = 0 if buffer.startswith(b"\r\n") else buffer.find(b"\r\n\r\n", 0, _TRAILER_BYTES) + 2
        if end == 1:
            if len(buffer) >= _TRAILER_BYTES or BARE_LINE_FEED.search(buffer):
                raise Malformed
            return False
        if not _TRAILERS.fullmatch(buffer, 0, end):
            raise Malformed
        del buffer[: end + 2]
        return True

    def _move(self, buffer: bytearray, size: int) -> None:
        self.data += buffer[:size]
        del buffer[:size]
        self._count(size)

    def _count(self, size: int) -> None:
        self._taken += size
        if self._taken > _LEAST_SHARE * self.most:
            raise Malformed
