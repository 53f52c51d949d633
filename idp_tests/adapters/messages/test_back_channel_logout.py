"""The back channel: only public addresses in production, whatever a name resolves to, and no patience for the slow."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from idp.adapters.messages.back_channel_logout import BackChannelCalls, may_be_called
from idp.core.messages import Undelivered


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_called(address: str) -> None:
    assert not may_be_called(address, ())


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_called(address: str) -> None:
    assert may_be_called(address, ())


def test_the_operator_may_open_a_network_inside() -> None:
    inside = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert may_be_called("10.1.2.3", inside)
    assert may_be_called("fd00::1", inside)
    assert not may_be_called("10.2.0.1", inside)


class _Remembering(BaseHTTPRequestHandler):
    got: list[str]

    def do_POST(self) -> None:
        self.got.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def inside() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, and what reached it."""
    got: list[str] = []
    handler = type("Handler", (_Remembering,), {"got": got})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://localhost:{server.server_port}/logout", got
        server.shutdown()
        thread.join()


def test_in_production_a_name_that_leads_inside_is_connected_to_and_told_nothing(inside: tuple[str, list[str]]) -> None:
    uri, got = inside
    with pytest.raises(Undelivered) as problem:
        BackChannelCalls(ca=None, public_only=True).post_logout_token(uri, "token")
    assert problem.value.reason == "AddressInside"
    assert got == []


def test_what_the_operator_opened_is_called_in_production(inside: tuple[str, list[str]]) -> None:
    uri, got = inside
    opened = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    BackChannelCalls(ca=None, public_only=True, inside=opened).post_logout_token(uri, "token")
    assert got == ["/logout"]


def test_a_sandbox_calls_loopback(inside: tuple[str, list[str]]) -> None:
    uri, got = inside
    BackChannelCalls(ca=None, public_only=False).post_logout_token(uri, "token")
    assert got == ["/logout"]


def test_no_proxy_of_the_environment_is_used(inside: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    uri, got = inside
    BackChannelCalls(ca=None, public_only=False).post_logout_token(uri, "token")
    assert got == ["/logout"]


def test_a_client_that_does_not_answer_is_left_after_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Undelivered) as problem:
            BackChannelCalls(ca=None, public_only=False).post_logout_token(uri, "token")
    assert "Timeout" in problem.value.reason


def _answering(pieces: Sequence[bytes], pause: float) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends these pieces with pauses, and what was asked of it; it goes on until it is hung up on."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connected, _ = server.accept()
            with connected, suppress(OSError):
                asked.append(connected.recv(65_536))
                for piece in pieces:
                    connected.sendall(piece)
                    sleep(pause)

        thread = Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/logout", asked
        thread.join()


def test_a_client_that_answers_a_byte_at_a_time_is_left_after_three_seconds() -> None:
    """Each byte would else begin its own three seconds, and hold the worker for hours."""
    head = b"HTTP/1.1 200 OK\r\nX-Padding: " + b"a" * 200
    with contextmanager(_answering)([head[n : n + 1] for n in range(len(head))], 0.2) as (uri, _):
        began = monotonic()
        with pytest.raises(Undelivered):
            BackChannelCalls(ca=None, public_only=False).post_logout_token(uri, "token")
        assert monotonic() - began < 10


def test_a_body_without_end_is_not_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
    with contextmanager(_answering)([head, *[b"x" * 1000] * 200], 0.1) as (uri, _):
        began = monotonic()
        BackChannelCalls(ca=None, public_only=False).post_logout_token(uri, "token")
        assert monotonic() - began < 5


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(inside: tuple[str, list[str]], status: int) -> None:
    """It could lead inside, with the logout token."""
    elsewhere, got = inside
    head = f"HTTP/1.1 {status} Go\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n".encode()
    with contextmanager(_answering)([head], 0) as (uri, asked):
        with pytest.raises(Undelivered) as problem:
            BackChannelCalls(ca=None, public_only=False).post_logout_token(uri, "token")
        assert problem.value.reason == f"status_{status}"
        assert len(asked) == 1
    assert got == []


def test_a_connection_refused_is_a_word_for_operators() -> None:
    with pytest.raises(Undelivered) as problem:
        BackChannelCalls(ca=None, public_only=False).post_logout_token("http://127.0.0.1:1/", "token")
    assert problem.value.reason == "NewConnectionError"
