"""A person whose browser has no script and no window: every page of the journey by plain HTTP."""

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from idp_tests.journeys.world import CUSTOMER, DIGITS, RunningWorld
from idp_tests.patience import PATIENCE, soon

COMPUTER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


class _Page(HTMLParser):
    """The forms, the ids and the links of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.elements: dict[str, dict[str, str]] = {}
        self.texts: dict[str, str] = {}
        self._named: str | None = None
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._named = found.get("id")
        if self._named:
            self.elements[self._named] = found
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        if tag == "input" and found.get("type") == "hidden" and self.forms:
            self.forms[-1][1][found["name"]] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._named and data.strip():
            self.texts.setdefault(self._named, data.strip())


class ByHand:
    """One browser: cookies, redirects, buttons."""

    def __init__(self, world: RunningWorld, *, user_agent: str = COMPUTER) -> None:
        self.world = world
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = world.trusted
        self.http.headers["User-Agent"] = user_agent
        self.http.headers["Accept-Language"] = "sv"
        self.url = ""
        self.status = 0
        self.source = ""
        self.page = _Page("")

    # ---- walking ------------------------------------------------------------------------------------------------

    def get(self, address: str) -> "ByHand":
        return self._seen(self.http.get(urljoin(self.url, address), timeout=PATIENCE))

    def post(self, address: str, form: Mapping[str, str]) -> "ByHand":
        return self._seen(self.http.post(urljoin(self.url, address), data=form, timeout=PATIENCE))

    def press(self, action: str, **typed: str) -> "ByHand":
        """Send the form of this page whose action ends with `action`, hidden fields included."""
        for target, hidden in self.page.forms:
            if target.endswith(action):
                return self.post(target, hidden | typed)
        raise AssertionError(f"no form to {action} on {self.url}: {self.heading}")

    def follow(self, element_id: str) -> "ByHand":
        return self.get(self.page.elements[element_id]["href"])

    def _seen(self, response: requests.Response) -> "ByHand":
        self.url, self.status, self.source = response.url, response.status_code, response.text
        self.page = _Page(self.source)
        return self

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.source, re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", "", found.group(1))).split()) if found else f"({self.status})"

    @property
    def step(self) -> str:
        """The last part of the address: bankid, link, register, again …"""
        return urlsplit(self.url).path.rsplit("/", 1)[-1]

    @property
    def base(self) -> str:
        """The sign-in's own address."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/signin/{parts.path.split('/')[2]}"

    # ---- the leaflet --------------------------------------------------------------------------------------------

    def log_in_at_minasidor(self, **parameters: str) -> "ByHand":
        return self._seen(self.http.get(f"{self.world.minasidor}/login", params=parameters, timeout=PATIENCE))

    def log_in_at_mittprezero(self) -> "ByHand":
        self.get(self.world.mittprezero).follow("to-prezero").follow("login")
        return self.follow("continue") if "continue" in self.page.elements else self

    def status_now(self) -> dict[str, object]:
        """What the page's script would hear this second."""
        answer = self.http.get(f"{self.base}/bankid/status", headers={"Accept": "application/json"}, timeout=PATIENCE)
        told: dict[str, object] = answer.json() if answer.status_code == requests.codes.ok else {}
        return told

    def start(self, launch: str = "qr") -> "ByHand":
        """Press the button and wait until there is a code, or a link."""
        self.press("/bankid/start", launch=launch)
        return self.wait_for_code(launch)

    def wait_for_code(self, launch: str = "qr") -> "ByHand":
        wanted = "qr" if launch == "qr" else "open_url"
        soon(lambda: self.status_now().get(wanted), f"{wanted} on {self.url}")
        return self

    def scan(self, persona: str) -> str:
        """Point the phone at what the page shows now; returns the app's session."""
        return self.world.phone.scan(str(self.status_now()["qr"]), persona)

    def open_here(self, persona: str) -> dict[str, object]:
        """Tap the link that opens the app on this device."""
        query = parse_qs(urlsplit(str(self.status_now()["open_url"])).query)
        return self.world.phone.open(query["autostarttoken"][0], persona)

    def wait_until(self, *states: str) -> dict[str, object]:
        """Wait for a state of the BankID page and return what the page is told."""

        told: dict[str, object] = {}

        def look() -> bool:
            told.clear()
            told.update(self.status_now())
            if told.get("state") == "failed" and "failed" not in states:
                raise AssertionError(f"failed on {self.url}: {told.get('message')}")
            return told.get("state") in states

        try:
            soon(look, f"{' or '.join(states)} on {self.url}")
        except AssertionError as problem:
            raise AssertionError(f"{problem}; the page is told {told}") from None
        return told

    def identify(self, persona: str) -> "ByHand":
        """Start, scan, approve, and go on."""
        self.start()
        self.world.phone.approve(self.scan(persona))
        return self.go_on()

    def go_on(self) -> "ByHand":
        self.wait_until("complete")
        return self.get(self.base)

    def link(self, number: str = CUSTOMER, digits: str = DIGITS) -> "ByHand":
        return self.press("/link", customer_number=number, last_four=digits)

    def register(self, *, phone: str = "070-174 06 05", email: str = "person@example.se") -> "ByHand":
        name = self.page.elements["name"]["value"]
        return self.press("/register", name=name, phone=phone, email=email)

    def first_login(self, persona: str) -> "ByHand":
        """The whole leaflet at MinaSidor."""
        self.log_in_at_minasidor().identify(persona).link().register()
        return self.identify(persona)

    @property
    def customer_number(self) -> str | None:
        """As the relying party shows it, to the person who is logged in there."""
        return self.page.texts.get("customer-number")
