"""Sector documents: fetched with little patience, from the address that was named and no other."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from idp.adapters.sector_documents import FetchedSectorDocuments
from idp.core.oidc.clients.sector_document import Unfetched
from idp_tests.cases import each


class _Sector(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = {"/moved": 302, "/gone": 404}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", "/good")
        self.end_headers()
        self.wfile.write(b"x" * 70_000 if self.path == "/long" else b"[]")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def sector() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Sector)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_document_is_read(sector: str) -> None:
    assert FetchedSectorDocuments().fetch(f"{sector}/good") == b"[]"


@each(
    "path, said", {"moved": ("/moved", "answered 302"), "gone": ("/gone", "answered 404"), "long": ("/long", "longer")}
)
def test_nothing_else_counts_as_the_document(sector: str, path: str, said: str) -> None:
    with pytest.raises(Unfetched, match=said):
        FetchedSectorDocuments().fetch(f"{sector}{path}")


def test_a_server_that_is_not_there_is_no_crash() -> None:
    with pytest.raises(Unfetched, match="ConnectionError"):
        FetchedSectorDocuments().fetch("http://127.0.0.1:1/s.json")
