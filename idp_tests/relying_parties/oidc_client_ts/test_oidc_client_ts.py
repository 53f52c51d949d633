"""oidc-client-ts in Chromium: a public single-page application with CORS, PKCE, refresh and logout."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from idp_tests.patience import PATIENCE
from idp_tests.relying_parties.conftest import Parties
from idp_tests.relying_parties.programs import install_packages, need_node

HERE = Path(__file__).parent
pytestmark = pytest.mark.browser


class _Pages(SimpleHTTPRequestHandler):
    """The application's three files; every other path is the application, too."""

    def __init__(self, *arguments: Any, issuer: str, library: Path, **options: Any) -> None:
        self.files = {
            "/": (HERE / "index.html", "text/html"),
            "/planner.js": (HERE / "planner.js", "text/javascript"),
            "/oidc-client-ts.min.js": (library, "text/javascript"),
        }
        self.issuer = issuer
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/settings.json":
            return self._answer(json.dumps({"issuer": self.issuer}).encode(), "application/json")
        file, kind = self.files.get(path, self.files["/"])
        return self._answer(file.read_bytes(), kind)

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        pass


@pytest.fixture(scope="module")
def planner(parties: Parties) -> Iterator[str]:
    """The application's address."""
    need_node()
    library = install_packages() / "node_modules" / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"
    address = parties.addresses["planner"]
    pages = partial(_Pages, issuer=parties.issuer, library=library)
    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(address).port or 0), pages)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(ignore_https_errors=True, locale="sv-SE")
    context.set_default_timeout(1000 * PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def calls(page: Page) -> list[Request]:
    """Everything the browser asked for, in order."""
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request))  # noqa: PLW0108 - a built-in method cannot listen
    return seen


@pytest.fixture(scope="module")
def logged_in(page: Page, planner: str, calls: list[Request]) -> dict[str, Any]:
    page.goto(planner)
    page.click("#login")
    page.click("#submit")  # the consent page; the BankID page starts and finishes by itself
    page.wait_for_url(f"{planner}/")
    return told(page)


def told(page: Page) -> dict[str, Any]:
    expect(page.locator("#told")).not_to_be_empty()
    shown: dict[str, Any] = json.loads(page.locator("#told").inner_text())
    assert "problem" not in shown, shown
    return shown


def test_the_page_fetches_its_own_tokens_and_userinfo(
    page: Page, parties: Parties, logged_in: dict[str, Any], calls: list[Request]
) -> None:
    expect(page.locator("#who")).to_have_text("Anna Andersson")
    assert logged_in["profile"]["aud"] == "planner"
    by_script = [request.url for request in calls if request.resource_type == "fetch"]
    for endpoint in ("/.well-known/openid-configuration", "/token", "/userinfo"):
        assert parties.issuer + endpoint in by_script


def test_refresh_and_logout_work_from_the_page(
    page: Page, parties: Parties, planner: str, logged_in: dict[str, Any], calls: list[Request]
) -> None:
    calls.clear()
    page.click("#renew")
    expect(page.locator("#told")).not_to_contain_text(logged_in["access_token"])
    assert told(page)["profile"]["sub"] == logged_in["profile"]["sub"]
    (request,) = [one for one in calls if one.url == f"{parties.issuer}/token" and one.method == "POST"]
    assert "grant_type=refresh_token" in (request.post_data or "")

    calls.clear()
    page.click("#logout")
    expect(page.locator("#who")).to_have_text("Nobody is logged in.")
    assert page.url.partition("?")[0] == f"{planner}/"
    assert f"{parties.issuer}/revoke" in [one.url for one in calls if one.method == "POST"]


def test_another_page_may_not_read_the_answers(page: Page, parties: Parties, logged_in: dict[str, Any]) -> None:
    """The same fetch from an origin that no client has (Fetch standard, CORS protocol)."""
    page.goto(f"{parties.world.phone.address}/health")
    blocked = page.evaluate(
        "(address) => fetch(address, {method: 'POST', body: new URLSearchParams({client_id: 'planner'})})"
        ".then(() => 'readable', () => 'blocked')",
        f"{parties.issuer}/token",
    )
    assert blocked == "blocked"
