"""A third party's service: a client file dropped into the world, a place that people come back to, and its code exchange."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from idp.core.oidc.clients.client import AuthMethod
from idp_tests.client_side import ClientSide
from idp_tests.journeys.world import RunningWorld
from idp_tests.relying_party import OverNetwork, RelyingParty

CLIENT_ID = "grannforeningen"
NAME = "Grannföreningen"
SECRET = "a-secret-of-a-third-party-in-a-play-world-0001"
CLIENT_FILE = """
client_name = "{name}"
security_profile = "third_party"
token_endpoint_auth_methods = ["client_secret_post"]
client_secret_hash = "{secret_hash}"
redirect_uris = ["{address}/back"]
client_uri = "{address}/"
scope = "openid profile email customer offline_access"
grant_types = ["authorization_code", "refresh_token"]
"""


class Partner:
    """The service, as far as a login needs it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://localhost:{port}"
        self.side = ClientSide(
            client_id=CLIENT_ID,
            redirect_uri=f"{self.address}/back",
            method=AuthMethod.CLIENT_SECRET_POST,
            secret=SECRET,
        )

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator["Partner"]:
        """Serve one page, whatever the path."""
        server = ThreadingHTTPServer(("localhost", 0), _Everything)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield cls(server.server_port)
        server.shutdown()
        thread.join()
        server.server_close()

    def drop_client_file(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        secret_hash = hashlib.sha256(SECRET.encode()).hexdigest()
        text = CLIENT_FILE.format(name=NAME, secret_hash=secret_hash, address=self.address)
        (directory / f"{CLIENT_ID}.toml").write_text(text, encoding="utf-8")

    def login_address(self, world: RunningWorld) -> str:
        query = self.side.authorization_request(scope="openid profile email customer")
        return f"{world.idp}/authorize?{urlencode(query)}"

    def redeem(self, world: RunningWorld, code: str) -> dict[str, Any]:
        calling = RelyingParty(OverNetwork(issuer=world.idp), self.side)
        answer: dict[str, Any] = calling.redeem(self.side.code_form(code)).get_json()
        return answer


class _Everything(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"<!doctype html><html lang=sv><title>{NAME}</title><h1>{NAME}</h1>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
