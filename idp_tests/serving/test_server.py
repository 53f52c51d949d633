"""The server over loopback: slow clients cost nobody anything, malformed ones are refused, an end is orderly."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from idp.serving.exchange import PATIENCE
from idp.serving.server import Server
from idp_tests import patience
from idp_tests.cli.installation import write_certificate

HOST = b"Host: id.example\r\n"
FORM = HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
WITHIN_SECONDS = patience.PATIENCE
SOON = replace(PATIENCE, head=0.3, body=0.3, answer=0.5, linger=0.3)
STALLS = {
    "silent": b"",
    "a slow head": b"GET / HTTP/1.1\r\n" + HOST + b"X-Slow: ",
    "a slow body": b"POST / HTTP/1.1\r\n" + FORM + b"Content-Length: 1000\r\n\r\ng",
    "an unfinished chunk": b"POST / HTTP/1.1\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\ng",
    "a slow reader": (b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n") * 3,
}


@dataclass
class Echo:
    """An application that says what it was asked; `/wait` waits for the test, `/large` says much."""

    go_on: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        match environ["PATH_INFO"]:
            case "/wait":
                self.waiting.release()
                assert self.go_on.wait(WITHIN_SECONDS)
            case "/large":
                body = b"x" * 20_000_000
            case "/broken":
                raise RuntimeError("broken")
            case "/split":
                start("200 OK", [("Location", "/\r\nSet-Cookie: a=b")])
                return [b""]
            case "/draining":
                body = str(environ.get("idp.draining", False)).encode()
        start("200 OK", [("Content-Type", "text/plain")])
        return [environ["REQUEST_METHOD"].encode(), b" ", body]


class Running:
    """A server in a thread of this process."""

    def __init__(self, **options: Any) -> None:
        self.application = Echo()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self.listener.getsockname()[1]
        self.server = Server(self.application, self.listener, threads=2, **options)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=WITHIN_SECONDS)

    def ask(self, sent: bytes) -> bytes:
        """Everything that is answered until the server ends the connection."""
        with self.connect() as client:
            client.sendall(sent)
            return everything(client)

    def get(self, path: str = "/") -> str:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=WITHIN_SECONDS)) as client:
            client.request("GET", path)
            return client.getresponse().read().decode()

    def end(self) -> None:
        self.application.go_on.set()
        self.server.stop(drain_seconds=1)
        self.thread.join(WITHIN_SECONDS)
        assert not self.thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def everything(client: socket.socket) -> bytes:
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(65536):
            found += piece
    return found


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.end()


@pytest.fixture
def hurried() -> Iterator[Running]:
    made = Running(patience=SOON)
    yield made
    made.end()


@pytest.mark.parametrize("sent", STALLS.values(), ids=STALLS)
def test_stalled_clients_hold_up_nobody(running: Running, sent: bytes) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(50):
            held.enter_context(running.connect()).sendall(sent)
        assert running.get() == "GET "


@pytest.mark.parametrize("sent", [sent for name, sent in STALLS.items() if name != "a slow reader"])
def test_a_stalled_request_ends_in_time(hurried: Running, sent: bytes) -> None:
    answer = hurried.ask(sent)
    assert answer.startswith(b"HTTP/1.1 408 ") if sent else answer == b""


def test_an_answer_that_is_not_fetched_ends_in_time(hurried: Running) -> None:
    with hurried.connect() as client:
        client.sendall(STALLS["a slow reader"])
        assert hurried.get() == "GET "
        until(lambda: not hurried.server._connections)
        assert len(everything(client)) < 20_000_000


def test_a_dripping_body_ends_in_time_although_something_always_comes(hurried: Running) -> None:
    with hurried.connect() as client:
        client.sendall(STALLS["a slow body"])
        client.settimeout(0.05)
        with contextlib.suppress(ConnectionError):
            while True:
                client.sendall(b"g")
                with contextlib.suppress(TimeoutError):
                    assert client.recv(4096).startswith(b"HTTP/1.1 408 ")
                    break


def test_requests_on_one_connection_are_answered_in_order(running: Running) -> None:
    requests = b"".join(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\n%d" % n for n in range(9))
    answers = running.ask(requests + b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert [part[:1] for part in answers.split(b"POST ")[1:]] == [b"%d" % n for n in range(9)]
    assert answers.count(b"Connection: close") == 1


def test_a_client_that_waits_to_be_told_is_told_to_go_on(running: Running) -> None:
    with running.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(4096).endswith(b"POST abc")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST * 2 + b"\r\n",
        b"GET / HTTP/1.1\n" + b"Host: id.example\n\n",
        b"\x16\x03\x01\r\n\r\n",
    ],
    ids=["no Host", "two Hosts", "bare line feeds", "no HTTP"],
)
def test_what_is_no_request_gets_400_and_an_end(running: Running, sent: bytes) -> None:
    """RFC 9112 2.2 and 3.2."""
    answer = running.ask(sent)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_that_is_too_long_is_answered_by_the_application_and_ends_the_connection(running: Running) -> None:
    answer = running.ask(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999\r\n\r\n" + b"x" * 200_000)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Connection: close" in answer


@pytest.mark.parametrize("path", ["/broken", "/split"])
def test_an_application_that_breaks_is_answered_for_and_others_are_served(running: Running, path: str) -> None:
    for _ in range(3):
        assert running.ask(b"GET %s HTTP/1.1\r\n" % path.encode() + HOST + b"\r\n").startswith(b"HTTP/1.1 500 ")
    assert running.get() == "GET "


def test_a_flood_of_connections_ends_those_that_wait_longest() -> None:
    running = Running(most_connections=32)
    with contextlib.ExitStack() as held:
        first = held.enter_context(running.connect())
        for _ in range(100):
            held.enter_context(running.connect()).sendall(b"GET / HT")
        assert running.get() == "GET "
        assert everything(first) == b""
    running.end()


def test_unfinished_requests_hold_no_more_than_a_bounded_store() -> None:
    running = Running(most_held=500_000)
    started = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 65000\r\n\r\n" + b"x" * 60_000
    with contextlib.ExitStack() as held:
        for _ in range(20):
            held.enter_context(running.connect()).sendall(started)
        until(lambda: len(running.server._connections) <= 8)
        assert running.get() == "GET "
    running.end()


def test_a_stop_answers_what_is_under_way_and_refuses_what_is_new(running: Running) -> None:
    with running.connect() as under_way, running.connect() as resting:
        resting.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        assert resting.recv(4096)
        under_way.sendall(b"GET /wait HTTP/1.1\r\n" + HOST + b"\r\n")
        assert running.application.waiting.acquire(timeout=WITHIN_SECONDS)
        running.server.stop(drain_seconds=WITHIN_SECONDS)
        assert everything(resting) == b""
        with pytest.raises(ConnectionError):
            running.connect()
        running.application.go_on.set()
        answer = everything(under_way)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nConnection: close\r\n" in answer
    running.thread.join(WITHIN_SECONDS)
    assert not running.thread.is_alive()


def test_before_it_refuses_a_stop_is_told_for_a_while(running: Running) -> None:
    assert running.get("/draining") == "GET False"
    running.server.stop(unready_seconds=WITHIN_SECONDS)
    until(lambda: running.get("/draining") == "GET True")
    running.server.stop(unready_seconds=0, drain_seconds=1)


def test_without_its_lifeline_a_server_stops() -> None:
    ours, theirs = socket.socketpair()
    server = Server(Echo(), socket.create_server(("127.0.0.1", 0)), threads=1)
    thread = threading.Thread(target=server.run, kwargs={"lifeline": theirs.fileno()})
    thread.start()
    ours.close()
    thread.join(WITHIN_SECONDS)
    theirs.close()
    assert not thread.is_alive()


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    write_certificate(tmp_path / "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    return context


def secured(client: socket.socket) -> ssl.SSLSocket:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return trusting.wrap_socket(client)


def test_over_tls_requests_are_answered_whole(context: ssl.SSLContext) -> None:
    running = Running(tls=context)
    with secured(running.connect()) as client:
        client.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 40000\r\n\r\n" + b"x" * 40_000)
        client.sendall(b"GET /large HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert len(everything(client)) > 20_040_000
    running.end()


def test_over_tls_stalled_clients_hold_up_nobody_and_end_in_time(context: ssl.SSLContext) -> None:
    running = Running(tls=context, patience=SOON)
    with contextlib.ExitStack() as held:
        silent = held.enter_context(running.connect())
        shaking = held.enter_context(running.connect())
        shaking.sendall(b"\x16\x03\x01\x02\x00\x01")
        slow = held.enter_context(secured(running.connect()))
        slow.sendall(STALLS["a slow body"])
        plain = held.enter_context(running.connect())
        plain.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        with secured(running.connect()) as client:
            client.sendall(b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            assert everything(client).endswith(b"GET ")
        assert everything(silent) == b""
        assert everything(shaking) == b""
        assert slow.recv(4096).startswith(b"HTTP/1.1 408 ")
        everything(plain)
    running.end()
