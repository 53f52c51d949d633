"""Requests on the wire: one reading, whatever the pieces they come in, and none where two readers could differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.serving.http1 import BODY_BYTES, HEAD_BYTES, Phase, Refused, Request, RequestReader, head_of, refusal
from idp_tests.cases import each

GET = b"GET /authorize?scope=openid HTTP/1.1\r\nHost: id.example\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
POST = b"POST /token HTTP/1.1\r\nHost: id.example\r\nContent-Length: 5\r\n\r\na=b&c"
CHUNKED = (
    b"POST /token HTTP/1.1\r\nHost: id.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\na=\r\n3;note=x\r\nb&c\r\n0\r\nTrailer: x\r\n\r\n"
)


def read(data: bytes) -> Request | None:
    reader = RequestReader()
    reader.feed(data)
    return reader.take()


def status_of(data: bytes) -> int | None:
    """With which status it is refused; None when it is not, or not yet."""
    try:
        read(data)
    except Refused as refused:
        return refused.status
    return None


def test_a_request_is_read_into_its_parts() -> None:
    request = read(GET)
    assert request is not None
    assert (request.method, request.path, request.query) == ("GET", "/authorize", "scope=openid")
    assert request.fields == {"host": "id.example", "x-forwarded-for": "192.0.2.1"}
    assert request.length is None
    assert request.persists


@each("message", [POST, CHUNKED])
def test_a_body_is_the_same_by_length_and_in_chunks(message: bytes) -> None:
    request = read(message)
    assert request is not None
    assert (request.body, request.length) == (b"a=b&c", 5)


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=60))
def test_requests_in_any_pieces_are_the_same_requests(sizes: list[int]) -> None:
    reader, taken, stream = RequestReader(), [], GET + POST + CHUNKED + GET
    for size in [*sizes, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        reader.feed(piece)
        while (request := reader.take()) is not None:
            taken.append((request.method, request.body))
    assert taken == [("GET", b""), ("POST", b"a=b&c"), ("POST", b"a=b&c"), ("GET", b"")]
    assert reader.phase is Phase.IDLE


REFUSED = {
    "bare line feeds": (400, b"GET / HTTP/1.1\nHost: id.example\n\n"),
    "a bare line feed between fields": (400, b"GET / HTTP/1.1\r\nHost: id.example\nA: b\r\n\r\n"),
    "a bare carriage return": (400, b"GET / HTTP/1.1\r\nHost: id.example\rA: b\r\n\r\n"),
    "no Host": (400, b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"),
    "a Host with a space": (400, b"GET / HTTP/1.1\r\nHost: id.example other\r\n\r\n"),
    "a list of Hosts": (400, b"GET / HTTP/1.1\r\nHost: id.example, other\r\n\r\n"),
    "a Host with a path": (400, b"GET / HTTP/1.1\r\nHost: id.example/a\r\n\r\n"),
    "a Host with a user": (400, b"GET / HTTP/1.1\r\nHost: a@id.example\r\n\r\n"),
    "a Host with markup": (400, b'GET / HTTP/1.1\r\nHost: "><script>\r\n\r\n'),
    "a Host whose port is no number": (400, b"GET / HTTP/1.1\r\nHost: id.example:x\r\n\r\n"),
    "a Host with an open bracket": (400, b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    "a wrong Host in HTTP/1.0": (400, b"GET / HTTP/1.0\r\nHost: a/b\r\n\r\n"),
    "an address with a user": (400, b"GET http://a@id.example/ HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "an address whose port is no number": (400, b"GET http://id.example:x/ HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "two Hosts": (400, b"GET / HTTP/1.1\r\nHost: id.example\r\nHost: id.example\r\n\r\n"),
    "two Hosts in HTTP/1.0": (400, b"GET / HTTP/1.0\r\nHost: id.example\r\nHost: other\r\n\r\n"),
    "a folded line": (400, b"GET / HTTP/1.1\r\nHost: id.example\r\nA: b\r\n c\r\n\r\n"),
    "a space before the colon": (400, b"GET / HTTP/1.1\r\nHost : id.example\r\n\r\n"),
    "a field without name": (400, b"GET / HTTP/1.1\r\nHost: id.example\r\n: b\r\n\r\n"),
    "a field without colon": (400, b"GET / HTTP/1.1\r\nHost: id.example\r\nnonsense\r\n\r\n"),
    "a NUL in a field": (400, b"GET / HTTP/1.1\r\nHost: id.example\r\nA: \0\r\n\r\n"),
    "a NUL in the target": (400, b"GET /\0 HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "bytes above ASCII in the target": (400, "GET /å HTTP/1.1\r\nHost: id.example\r\n\r\n".encode()),
    "a fragment": (400, b"GET /a#b HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "no target": (400, b"GET HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "three spaces": (400, b"GET / x HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "a target that is no path": (400, b"GET authorize HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "a tunnel": (400, b"CONNECT id.example:443 HTTP/1.1\r\nHost: id.example\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /\r\n\r\n"),
    "HTTP/2's preface": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a small http": (400, b"GET / http/1.1\r\nHost: id.example\r\n\r\n"),
    "chunks and a length": (
        400,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "two lengths": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
    "a list of lengths": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc"),
    "a signed length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc"),
    "a negative length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc"),
    "an empty length": (400, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"),
    "another coding": (501, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
    "chunked among others": (501, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
    "two codings": (
        400,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "chunks in HTTP/1.0": (400, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "two authorizations": (400, b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"),
    "an expectation we do not know": (
        417,
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n",
    ),
    "a head without end": (431, b"GET / HTTP/1.1\r\nHost: " + b"a" * HEAD_BYTES),
    "too many fields": (431, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 100 + b"\r\n"),
}


@pytest.mark.parametrize(("status", "message"), REFUSED.values(), ids=REFUSED)
def test_what_two_readers_could_understand_in_two_ways_is_refused(status: int, message: bytes) -> None:
    assert status_of(message) == status


def test_a_bare_line_feed_is_refused_before_the_head_ends() -> None:
    assert status_of(b"GET / HTTP/1.1\nHost") == 400


@each(
    "host",
    ["", "id.example", "id.example:8443", "id.example:", "192.0.2.1", "[2001:db8::1]:443", "a_b.example.", "x%2D.y"],
)
def test_every_host_that_an_address_may_have_is_read(host: str) -> None:
    """RFC 3986 3.2.2; an empty one where an address has none (RFC 9112 3.2)."""
    assert status_of(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) is None


@each(
    "message, authority, path",
    [
        (b"GET http://id.example/a HTTP/1.1\r\nHost: other\r\n\r\n", "id.example", "/a"),
        (b"GET https://id.example?a=b HTTP/1.1\r\nHost: other\r\n\r\n", "id.example", "/"),
        (b"OPTIONS * HTTP/1.1\r\nHost: id.example\r\n\r\n", None, "*"),
        (b"\r\nGET /a HTTP/1.1\r\nHost: id.example\r\n\r\n", None, "/a"),
    ],
)
def test_every_form_of_a_target_is_read(message: bytes, authority: str | None, path: str) -> None:
    """RFC 9112 3.2."""
    request = read(message)
    assert request is not None
    assert (request.authority, request.path) == (authority, path)


def test_a_field_that_came_several_times_is_one_list_and_cookies_are_one_cookie() -> None:
    request = read(b"GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\na: 2\r\nCookie: b=1\r\nCookie: c=2\r\n\r\n")
    assert request is not None
    assert request.fields == {"host": "a", "a": "1, 2", "cookie": "b=1; c=2"}


@each(
    "head, persists",
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
    ],
)
def test_a_connection_persists_unless_somebody_says_otherwise(head: bytes, persists: bool) -> None:
    request = read(head)
    assert request is not None
    assert request.persists is persists


def test_a_body_that_is_too_long_is_told_and_not_read() -> None:
    length = BODY_BYTES + 1
    request = read(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\nabc" % length)
    assert request is not None
    assert (request.length, request.body, request.persists) == (length, b"", False)


def test_a_chunk_that_is_too_long_is_told_and_not_read() -> None:
    request = read(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\nabc")
    assert request is not None
    assert (request.length, request.body, request.persists) == (0x10001, b"", False)


def test_a_client_that_waits_to_be_told_to_go_on_is_found_out() -> None:
    reader = RequestReader()
    reader.feed(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
    assert reader.take() is None
    assert reader.wants_continue
    assert reader.phase is Phase.BODY


def test_an_answer_cannot_begin_another_line() -> None:
    with pytest.raises(ValueError, match="line end"):
        head_of("200 OK", [("Location", "/\r\nSet-Cookie: a=b")], date="now", persists=True)


def test_a_refusal_says_its_status_and_ends_the_connection() -> None:
    text = refusal(400, "Thu, 01 Jan 1970 00:00:00 GMT").decode()
    assert text.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "\r\nConnection: close\r\n" in text
    assert text.endswith("\r\n\r\nBad Request\n")
