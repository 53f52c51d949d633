"""The person at the browser: walks through whatever pages the provider shows, while the virtual phone approves by itself."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.world import RunningWorld
from idp_tests.patience import PATIENCE

MOST_PAGES = 12


class _Arrivals(BaseAdapter):
    """Takes the place of relying parties that do not run here: keeps what the browser brings them."""

    def __init__(self) -> None:
        super().__init__()
        self.last: requests.PreparedRequest | None = None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.last = request
        response = requests.Response()
        response.status_code = requests.codes.ok
        response.request = request
        response.url = request.url or ""
        response._content = b"<h1>Arrived</h1>"
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        pass


class Person(ByHand):
    """A browser without script whose person says yes to everything; Anna is who the autopilot is."""

    def __init__(self, world: RunningWorld) -> None:
        super().__init__(world)
        self.walked: list[str] = []
        """The pages seen since the last `ask`."""
        self._arrivals = _Arrivals()
        self.http.mount("https://", self._arrivals)
        self.http.mount("https://localhost", HTTPAdapter())

    def ask(self, address: str, **parameters: str) -> "Person":
        """Open an address and walk until the provider has no more pages to show."""
        self.walked = []
        self._seen(self.http.get(address, params=parameters, timeout=PATIENCE))
        for _ in range(MOST_PAGES):
            if not self._walk_on():
                return self
        raise AssertionError(f"the pages never end: {self.walked}")

    def _walk_on(self) -> bool:
        """Do what the page asks for; False when it is no page of a sign-in, or the last one of it."""
        if not self.url.startswith(f"{self.world.idp}/signin/"):
            return False
        self.walked.append(self.step)
        match self.step:
            case "bankid" | "again":
                self.press("/bankid/start", launch="qr").go_on()
            case "link":
                self.link()
            case "register":
                self.register()
            case "consent":
                self.press("/consent", answer="allow")
            case _:
                return False
        return True

    def confirm_logout(self) -> "Person":
        """Say yes on the provider's logout page."""
        self.press("/logout/answer", answer="logout")
        return self

    @property
    def answer(self) -> dict[str, str]:
        """What the browser brought to a relying party that does not run here: the parameters, by query or form."""
        last = self._arrivals.last
        assert last is not None, f"nobody arrived anywhere; the browser is at {self.url}: {self.heading}"
        raw = last.body or urlsplit(last.url or "").query
        return dict(parse_qsl(raw.decode() if isinstance(raw, bytes) else raw, keep_blank_values=True))

    @property
    def arrived_at(self) -> str:
        """The address without its query."""
        last = self._arrivals.last
        assert last is not None
        return str(last.url).partition("?")[0]

    @property
    def arrived_by(self) -> str | None:
        """GET, or POST when the answer was a form."""
        return self._arrivals.last.method if self._arrivals.last else None

    def send_form(self) -> "Person":
        """Press the button of a form_post answer, as a browser without script offers it."""
        ((target, hidden),) = self.page.forms
        self.post(target, hidden)
        return self

    def told(self) -> dict[str, Any]:
        """The JSON that the relying party shows."""
        shown: dict[str, Any] = json.loads(self.source)
        return shown
