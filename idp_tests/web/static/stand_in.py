"""A stand-in for the provider: shows one page, answers start and status as a test tells it to, and remembers what it was asked.

The page's clock is the test's: it goes on by itself, and `tell` and `pass_time` move it, so that nobody waits for the next look.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from playwright.sync_api import BrowserContext, Page, Request, Route

from idp.core.languages import Language
from idp.web.language import Catalogs
from idp_tests.web.showcase import BASE, STATIC, environment, pages, render, status_of
from idp_tests.web.showcase import Page as Shown

ORIGIN = "http://login.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' http://four.login.test; "
    "form-action 'self' https://minasidor.example; frame-src https://minasidor.example; base-uri 'none'"
)
PROBE = "http://four.login.test"
ANSWER_FOR_US = {"Access-Control-Allow-Origin": ORIGIN}
POLL_MS = 1000
"""How long the page waits between two looks."""
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass
class Provider:
    """Shows one page at its address, answers start and status as told, and remembers what it was asked."""

    context: BrowserContext
    status: dict[str, Any] = field(default_factory=lambda: status_of("computer"))
    failing: bool = False
    broken: bool = False
    """Answers with our own fault."""
    starts: list[dict[str, str]] = field(default_factory=list)
    polls: int = 0
    probed: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    html: str = ""
    language: Language = "sv"
    start_status: int = 200
    start_answer: dict[str, Any] = field(default_factory=lambda: {"state": "starting"})
    after_start: dict[str, Any] | None = None
    blocked: bool = False
    """Scripts are refused on the way, as an extension or a company's proxy does it."""
    page: Page | None = None

    def show(self, name: str, **changes: object) -> Page:
        [shown] = [page for page in pages() if page.name == name]
        shown = Shown(shown.name, shown.template, {**shown.context, **changes})
        self.html = render(shown, self.language, Catalogs.load(), environment())
        self.context.clock.install()
        self.page = self.context.new_page()
        self.page.route("**/*", self._answer)
        self.page.goto(f"{ORIGIN}{BASE}/bankid")
        return self.page

    def tell(self, status: dict[str, Any]) -> None:
        """Have something else to say, which the page hears when it asks again."""
        self.status = status
        self.pass_time(POLL_MS)

    def stop_time(self) -> None:
        """From now on only `pass_time` moves the page's clock."""
        assert self.page is not None
        self.page.clock.pause_at(self.page.evaluate("Date.now() / 1000 + 1"))
        self._settle()

    def pass_time(self, milliseconds: int) -> None:
        """Move the page's clock, and see what it asks meanwhile answered."""
        assert self.page is not None
        self.page.clock.run_for(milliseconds)
        self._settle()

    def _settle(self) -> None:
        """Two calls behind everything that the page has asked: when they are answered, so is the rest."""
        assert self.page is not None
        for _ in range(2):
            self.page.evaluate("fetch('/settled').then((answer) => answer.text())")

    def loads(self) -> int:
        """How often the page has been asked for."""
        return len([request for request in self.requests if request.url.partition("?")[0] == f"{ORIGIN}{BASE}/bankid"])

    def _answer(self, route: Route) -> None:
        request = route.request
        self.requests.append(request)
        path = request.url.removeprefix(ORIGIN).partition("?")[0]
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            if self.blocked and file.suffix == ".js":
                route.abort("blockedbyclient")
                return
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif request.url == f"{PROBE}/address-probe":
            self.probed.append(_form(request)["question"])
            route.fulfill(json={"address": "198.51.100.7", "answer": "signed"}, headers=ANSWER_FOR_US)
        elif path == f"{BASE}/bankid/status":
            self._tell(route)
        elif path == f"{BASE}/bankid/start" and "json" in request.headers["accept"]:
            self.status = self.after_start or self.status
            self.starts.append({**_form(request), "header": request.headers.get("x-csrf-token", "")})
            if self.failing:
                route.abort()
            else:
                route.fulfill(status=self.start_status, json=self.start_answer)
        elif path == f"{BASE}/bankid":
            route.fulfill(body=self.html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        else:
            route.fulfill(body="<!doctype html><title>Framme</title><h1>Framme</h1>", content_type="text/html")

    def _tell(self, route: Route) -> None:
        self.polls += 1
        if self.failing:
            route.abort()
        elif self.broken:
            route.fulfill(status=500, body="<h1>500</h1>", content_type="text/html")
        else:
            route.fulfill(body=json.dumps(self.status), content_type="application/json")


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.post_data or ""))
