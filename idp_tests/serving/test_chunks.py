"""Chunks: taken strictly, and never more of them than they are worth."""

import pytest

from idp.serving.chunks import ChunkedBody, Malformed, TooLong
from idp_tests.cases import each


def take(wire: bytes, most: int = 100) -> bytes | None:
    body = ChunkedBody(most)
    return bytes(body.data) if body.take(bytearray(wire)) else None


@each(
    "wire, data",
    [
        (b"0\r\n\r\n", b""),
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"1\r\na\r\n002\r\nbc\r\n0\r\nA: b\r\nC: d\r\n\r\n", b"abc"),
        (b"3 ; a=b\r\nabc\r\n0;x\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\n", None),
        (b"3\r\nabc", None),
        (b"3", None),
        (b"0\r\nA: b\r\n", None),
    ],
)
def test_chunks_are_put_together(wire: bytes, data: bytes | None) -> None:
    assert take(wire) == data


@each(
    "wire",
    [
        b"3\nabc\r\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"-3\r\nabc\r\n",
        b"0x3\r\nabc\r\n",
        b" 3\r\nabc\r\n",
        b"\r\nabc\r\n",
        b"123456789\r\n",
        b"3;\0\r\nabc\r\n",
        b"0\r\nnonsense\r\n\r\n",
        b"0\r\nA : b\r\n\r\n",
        b"3;" + b"a" * 300,
        b"0\r\nA: " + b"b" * 5000,
    ],
)
def test_what_is_no_chunk_is_refused(wire: bytes) -> None:
    with pytest.raises(Malformed):
        take(wire)


def test_a_chunk_is_measured_before_it_has_come() -> None:
    with pytest.raises(TooLong) as found:
        take(b"3\r\nabc\r\n64\r\n")
    assert found.value.length == 103


def test_crumbs_are_not_waited_for() -> None:
    with pytest.raises(Malformed):
        take(b"01;aaaaaaaaaaaaaaaaaaaa\r\na\r\n" * 60)
