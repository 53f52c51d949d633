"""Asking ourselves: what comes back is ours, or it is said that it is not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from idp.adapters.own_address import ask_own_address


class Scripted(HTTPServer):
    """Answers as the test decides, and notes what it was asked."""

    status = 200
    body = b"{}"
    heard = ""


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard = f"{self.path} {self.headers['Origin']} {body}"
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test sees it."""


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def ask(server: Scripted) -> object:
    host = f"http://127.0.0.1:{server.server_port}"
    return ask_own_address(host, issuer="https://id.example", question="q~1", ca=None)


def test_the_probes_answer_is_handed_on(server: Scripted) -> None:
    server.body = b'{"address": "203.0.113.9"}'
    assert ask(server) == {"address": "203.0.113.9"}
    assert server.heard == "/address-probe https://id.example question=q~1"


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (200, b"[]"), (200, b"{}"), (200, b"<html>"), (302, b"")])
def test_somebody_elses_answer_is_refused(server: Scripted, status: int, body: bytes) -> None:
    server.status, server.body = status, body
    with pytest.raises(ValueError):
        ask(server)


def test_nobody_there_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError):
        ask_own_address("http://127.0.0.1:1", issuer="https://id.example", question="q", ca=None)
