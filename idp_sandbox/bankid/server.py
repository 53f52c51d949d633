"""The server: threads, HTTP/1.1 with kept connections, TLS handshakes off the accepting thread, and broken connections when a fault asks for them."""

import io
import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
DROP_HEADER: Final = "X-Simulator-Drop"
"""A response with this header is not sent: the connection is reset instead."""
CLIENT_CERTIFICATE: Final = "simulator.client_certificate"
"""WSGI environment key of the caller's certificate, in DER."""
LATE: Final = "simulator.request_was_late"
"""WSGI environment key that is true when the caller took too long to send its body."""
_BODY_LIMIT: Final = 400_000


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 on one connection and hands each request to the WSGI application."""

    protocol_version = "HTTP/1.1"
    server: "_Socket"
    timeout = 60

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or len(self.raw_requestline) > 65_536 or not self.parse_request():
                self.close_connection = True
                return
            self._answer(*self._read_body())
        except (OSError, ValueError):
            self.close_connection = True

    def _read_body(self) -> tuple[bytes, bool]:
        """The body, and whether it came too late."""
        self.connection.settimeout(self.server.body_seconds)
        try:
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                return self._read_chunks(), False
            length = self.headers.get("Content-Length", "0")
            size = int(length) if length.isdigit() else 0
            if size > _BODY_LIMIT:
                self.close_connection = True
                return b"", False
            return self.rfile.read(size), False
        except TimeoutError:
            self.close_connection = True
            return b"", True
        finally:
            self.connection.settimeout(self.timeout)

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(100).split(b";")[0].strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline(3)
            if len(body) > _BODY_LIMIT:
                self.close_connection = True
                return b""
        while self.rfile.readline(8_192).strip():
            pass
        return body

    def _answer(self, body: bytes, late: bool) -> None:  # noqa: FBT001 - two halves of one reading
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            head[:] = [status, headers]

        parts = self.server.application(self._environment(body, late=late), start_response)
        try:
            content = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = head
        if any(name == DROP_HEADER for name, _ in headers):
            self._reset()
            return
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers if name != "Content-Length")]
        lines += [f"Content-Length: {len(content)}", f"Date: {self.date_time_string()}"]
        if self.close_connection:
            lines.append("Connection: close")
        sent = b"" if self.command == "HEAD" else content
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + sent)

    def _environment(self, body: bytes, *, late: bool) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        connection = self.connection
        secured = isinstance(connection, ssl.SSLSocket)
        certificate = connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLSocket) else None
        environment: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": "localhost",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if secured else "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            CLIENT_CERTIFICATE: certificate,
            LATE: late,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environment["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        for told in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):  # the body is read already
            environment.pop(told, None)
        return environment

    def _reset(self) -> None:
        """Close the connection with RST and no answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        descriptor = self.connection.detach()
        socket.close(descriptor)


class _Socket(socketserver.ThreadingTCPServer):
    """One listening address."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, family: int, address: tuple[Any, ...], application: Wsgi, tls: ssl.SSLContext | None) -> None:
        self.address_family = family
        self.application, self._tls = application, tls
        self.body_seconds: float = 10
        super().__init__(cast("tuple[str, int]", address), _Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls is not None:
                request.settimeout(10)
                request = self._tls.wrap_socket(request, server_side=True)
            _Handler(request, client_address, self)
        except OSError:
            return
        finally:
            self.shutdown_request(request)


class Server:
    """Serves a WSGI application on every address of a host, until stopped."""

    def __init__(
        self, application: Wsgi, host: str, port: int, *, tls: ssl.SSLContext | None = None, body_seconds: float = 10
    ) -> None:
        self._sockets: list[_Socket] = []
        self.port = port
        for family, address in _addresses(host):
            try:
                listening = _Socket(family, (address, self.port), application, tls)
            except OSError:
                if not self._sockets and family == socket.AF_INET:
                    raise
                continue  # a machine without IPv6, or where another program has that half of the port
            listening.body_seconds = body_seconds
            self.port = int(listening.server_address[1])
            self._sockets.append(listening)

    def start(self) -> None:
        """Serve in background threads."""
        for each in self._sockets:
            threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """Stop accepting and close the listening sockets."""
        for each in self._sockets:
            each.shutdown()
            each.server_close()


def _addresses(host: str) -> list[tuple[int, str]]:
    found = {(int(info[0]), str(info[4][0])) for info in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)}
    if host == "localhost":
        found |= {(int(socket.AF_INET), "127.0.0.1"), (int(socket.AF_INET6), "::1")}
    return sorted(found)


def mutual_tls(certificate: str, key: str, client_root: str) -> ssl.SSLContext:
    """TLS 1.2 or newer in which the caller must present a certificate issued under the client root."""
    context = server_tls(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(client_root)
    return context


def server_tls(certificate: str, key: str) -> ssl.SSLContext:
    """TLS 1.2 or newer with a server certificate only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
