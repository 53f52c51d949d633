"""A server that answers as told, over mutual TLS on a free port of this machine."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp_tests.adapters.bankid.people import Issued

HANG_UP = -1
"""In place of a status: read the request and close the connection without a word."""


def write_pem(path: Path, issued: Issued) -> Path:
    key = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(issued.certificate.public_bytes(Encoding.PEM) + key)
    return path


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    connection: tuple[str, int]


@dataclass
class Script:
    """What to answer next, and what was heard."""

    answers: list[tuple[int, Mapping[str, str], bytes]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    url: str = ""

    def answer(self, status: int, body: object = None, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, raw))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script

    def setup(self) -> None:
        self.request.settimeout(10)
        super().setup()

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            self.connection.do_handshake()
            super().handle()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        read = json.loads(body) if body else None
        self.script.heard.append(Heard(self.command, self.path, dict(self.headers), read, self.client_address))
        status, headers, raw = self.script.answers.pop(0)
        if status == HANG_UP:
            self.close_connection = True
            return
        (self.send_response_only if "Date" in headers else self.send_response)(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = _serve  # noqa: N815 - the names the base class looks for


@contextmanager
def scripted_server(server_pem: Path, client_root: Issued, host: str = "localhost") -> Iterator[Script]:
    """Serve until the block ends; clients need a certificate from `client_root`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_pem)
    context.load_verify_locations(cadata=client_root.certificate.public_bytes(Encoding.DER))
    context.verify_mode = ssl.CERT_REQUIRED
    script = Script()
    handler = type("Handler", (_Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    script.url = f"https://{host}:{server.server_address[1]}/rp/v6.0"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unused_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
