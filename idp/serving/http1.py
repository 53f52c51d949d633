"""HTTP/1.1 on the wire (RFC 9112): requests read strictly from any pieces they come in, heads of answers written.

What two readers could understand in two ways is refused, for one of them may be the proxy in front (request smuggling).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from idp.serving.chunks import BARE_LINE_FEED, FIELD, TOKEN, ChunkedBody, Malformed, TooLong

HEAD_BYTES: Final = 32 * 1024
BODY_BYTES: Final = 64 * 1024
"""As much as the application takes; what is longer is told to it by its length alone."""
MOST_FIELDS: Final = 100

_HEAD = re.compile(TOKEN + rb" [\x21\x22\x24-\x7e]+ HTTP/1\.[01](?:\r\n" + FIELD + rb")*")
"""A request line and fields: no bare LF or CR, no folded line, no space before a colon, no control character."""
_AUTHORITY = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::[0-9]*)?"
"""A host and perhaps a port (RFC 3986 3.2.2), without a comma: two Hosts that somebody made one list of are two."""
_HOST = re.compile(f"(?:{_AUTHORITY})?")
_ABSOLUTE = re.compile(rf"(?i:https?)://({_AUTHORITY})([/?].*)?")
_ONCE: Final = frozenset({"host", "content-length", "transfer-encoding", "content-type", "authorization"})
"""Two of these are two answers to one question."""
_LENGTH = re.compile(r"[0-9]{1,18}")

_REASONS: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
}
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Refused(Exception):
    """No request that anybody should answer; the connection ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Request(NamedTuple):
    """A whole request, or one whose body is longer than it may be: then `body` is empty and `length` says why."""

    method: str
    authority: str | None
    """What an absolute target names instead of the Host field (RFC 9112 3.2.2)."""
    path: str
    """As it was sent, percent signs and all."""
    query: str
    version: str
    fields: Mapping[str, str]
    """By name in small letters; the values of a field that came several times are one list (RFC 9110 5.3)."""
    persists: bool
    """Whether the connection may carry another request after this one."""
    length: int | None = None
    """None: there is no body."""
    body: bytes = b""


class Phase(StrEnum):
    """What comes next on a connection."""

    IDLE = "idle"
    HEAD = "head"
    BODY = "body"


@dataclass(slots=True)
class RequestReader:
    """Takes bytes as they come, gives requests one after the other; bounded, whatever is sent."""

    _buffer: bytearray = field(default_factory=bytearray)
    _head: Request | None = None
    _chunks: ChunkedBody | None = None
    wants_continue: bool = False
    """The client holds its body back until it is told to go on; the code that tells it sets this to False."""

    @property
    def phase(self) -> Phase:
        if self._head is not None:
            return Phase.BODY
        return Phase.HEAD if self._buffer else Phase.IDLE

    @property
    def held(self) -> int:
        """Bytes of a request that is not whole."""
        return len(self._buffer) + (len(self._chunks.data) if self._chunks is not None else 0)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> Request | None:
        """The next request; None while more of it must come. Raises Refused."""
        if self._head is None and not self._take_head():
            return None
        head = self._head
        assert head is not None  # noqa: S101 - just read
        request = self._take_body(head)
        if request is not None:
            self._head, self._chunks, self.wants_continue = None, None, False
        return request

    def _take_head(self) -> bool:
        buffer = self._buffer
        if buffer.startswith(b"\r\n"):
            del buffer[:2]  # a client of old adds one after a body (RFC 9112 2.2)
        end = buffer.find(b"\r\n\r\n", 0, HEAD_BYTES)
        if end < 0:
            if BARE_LINE_FEED.search(buffer):
                raise Refused(400)
            if len(buffer) >= HEAD_BYTES:
                raise Refused(431)
            return False
        head = bytes(buffer[:end])
        del buffer[: end + 4]
        self._head, chunked, self.wants_continue = _read_head(head)
        self._chunks = ChunkedBody(BODY_BYTES) if chunked else None
        return True

    def _take_body(self, head: Request) -> Request | None:
        """The request with its body; None while more of that must come. Raises Refused."""
        if self._chunks is not None:
            return self._take_chunks(self._chunks, head)
        length = head.length
        if not length:
            return head
        if length > BODY_BYTES:
            return _too_long(head, length)
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return head._replace(body=body)

    def _take_chunks(self, chunks: ChunkedBody, head: Request) -> Request | None:
        try:
            whole = chunks.take(self._buffer)
        except Malformed:
            raise Refused(400) from None
        except TooLong as problem:
            return _too_long(head, problem.length)
        return head._replace(length=len(chunks.data), body=bytes(chunks.data)) if whole else None


def _too_long(head: Request, length: int) -> Request:
    """The application refuses it in its own words; the rest is not read, so the connection ends."""
    return head._replace(length=length, persists=False)


def _read_head(head: bytes) -> tuple[Request, bool, bool]:
    """The request without its body; whether it comes in chunks; whether the client waits to be told to go on."""
    if not _HEAD.fullmatch(head):
        raise Refused(400)
    line, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = line.split(" ")
    fields = _read_fields(lines)
    modern = version == "HTTP/1.1"
    if (modern and "host" not in fields) or not _HOST.fullmatch(fields.get("host", "")):
        raise Refused(400)
    chunked, length = _framing(fields, modern=modern)
    expected = fields.get("expect", "").lower()
    if expected not in {"", "100-continue"}:
        raise Refused(417)
    persists = modern and not ("connection" in fields and "close" in _words(fields["connection"]))
    authority, path, query = _read_target(method, target)
    request = Request(method, authority, path, query, version, fields, persists, length)
    return request, chunked, bool(expected) and modern and (chunked or bool(length))


def _read_fields(lines: Sequence[str]) -> dict[str, str]:
    if len(lines) > MOST_FIELDS:
        raise Refused(431)
    fields: dict[str, str] = {}
    for text in lines:
        name, _, value = text.partition(":")
        name, value = name.lower(), value.strip(" \t")
        if name not in fields:
            fields[name] = value
        elif name in _ONCE:
            raise Refused(400)
        else:
            fields[name] += f"{'; ' if name == 'cookie' else ', '}{value}"
    return fields


def _words(value: str) -> set[str]:
    return {word.strip() for word in value.lower().split(",")}


def _read_target(method: str, target: str) -> tuple[str | None, str, str]:
    """Authority, path and query (RFC 9112 3.2)."""
    authority = None
    if not target.startswith("/"):
        if target == "*" and method == "OPTIONS":
            return None, "*", ""
        absolute = _ABSOLUTE.fullmatch(target)
        if absolute is None:
            raise Refused(400)
        authority, target = absolute[1], absolute[2] or "/"
    path, _, query = target.partition("?")
    return authority, path or "/", query


def _framing(fields: Mapping[str, str], *, modern: bool) -> tuple[bool, int | None]:
    """Whether the body comes in chunks, or how long it is (RFC 9112 6.3). Two answers to that are none."""
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if coding is not None:
        if length is not None or not modern:
            raise Refused(400)
        if coding.lower() != "chunked":
            raise Refused(501)
        return True, None
    if length is None:
        return False, None
    if not _LENGTH.fullmatch(length):
        raise Refused(400)
    return False, int(length)


def refusal(status: int, date: str) -> bytes:
    """A whole answer to what is no request; it says nothing but its status."""
    text = _REASONS[status]
    fields = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(text) + 1)),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return head_of(f"{status} {text}", fields, date=date, persists=False) + f"{text}\n".encode()


def head_of(status: str, fields: Iterable[tuple[str, str]], *, date: str, persists: bool) -> bytes:
    """The head of an answer. Raises ValueError for a field that would begin another line (response splitting)."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields), f"Date: {date}"]
    if not persists:
        lines.append("Connection: close")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a line end in a field")
    return f"{text}\r\n\r\n".encode("latin-1")
