"""One world and one Chromium for all journeys; an empty browser, and where needed a new person, for each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from idp_tests.journeys.by_hand import IPHONE, ByHand
from idp_tests.journeys.partner import Partner
from idp_tests.journeys.person import Person
from idp_tests.journeys.pictures import Camera
from idp_tests.journeys.world import RunningWorld, running_world
from idp_tests.patience import PATIENCE

COMPUTER: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "user_agent": IPHONE,
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, default=None, metavar="DIR", help="take a picture of every page into DIR")


@pytest.fixture(scope="session")
def partner() -> Iterator[Partner]:
    with Partner.listening() as partner:
        yield partner


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, partner: Partner) -> Iterator[RunningWorld]:
    """The world; a third party's client file lies in its directory from the start."""
    data = tmp_path_factory.mktemp("world")
    partner.drop_client_file(data / "idp" / "clients")
    with running_world(data) as world:
        yield world


@pytest.fixture(scope="session")
def known(world: RunningWorld) -> str:
    """A persona who has an account already."""
    ByHand(world).first_login("johan")
    return "johan"


def opened(chromium: Browser, **options: Any) -> BrowserContext:
    context = chromium.new_context(**{"locale": "sv-SE", **COMPUTER, **options})
    context.set_default_timeout(1000 * PATIENCE)
    return context


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open browsers of their own, Swedish ones unless told otherwise; all are closed afterwards."""
    made: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        made.append(opened(chromium, **options))
        return made[-1]

    yield open_one
    for context in made:
        context.close()


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> Camera:
    return Camera(request.config.getoption("--pictures", default=None))


@dataclass
class Tabs:
    """Browsers with one tab each, emptied and used again: a new one costs more processor time than most journeys.

    Cookies go; what a script keeps in the tab's own storage is about one login, which never comes again.
    """

    chromium: Browser
    idle: dict[str, list[Page]] = field(default_factory=dict)
    used: list[tuple[str, Page]] = field(default_factory=list)

    def take(self, **options: Any) -> Page:
        kind = repr(sorted(options.items()))
        waiting = self.idle.setdefault(kind, [])
        page = waiting.pop() if waiting else opened(self.chromium, **options).new_page()
        self.used.append((kind, page))
        return page

    def put_back(self) -> None:
        while self.used:
            kind, page = self.used.pop()
            if not page.is_closed():
                _empty(page)
                self.idle[kind].append(page)


def _empty(page: Page) -> None:
    for tab in page.context.pages:
        if tab is not page:
            tab.close()
    page.goto("about:blank")
    page.context.unroute_all(behavior="ignoreErrors")
    page.context.clear_cookies()


@pytest.fixture(scope="session")
def all_tabs(chromium: Browser) -> Tabs:
    return Tabs(chromium)


@pytest.fixture
def tabs(all_tabs: Tabs) -> Iterator[Tabs]:
    yield all_tabs
    all_tabs.put_back()


@pytest.fixture
def at_computer(tabs: Tabs, world: RunningWorld, camera: Camera) -> Callable[..., Person]:
    """A person before a computer: `at_computer("anna")`."""
    return lambda persona, **options: Person(tabs.take(**options), world, persona, camera)


@pytest.fixture
def on_phone(tabs: Tabs, world: RunningWorld, camera: Camera) -> Callable[..., Person]:
    """A person with an iPhone: `on_phone("anna")`."""
    return lambda persona, **options: Person(tabs.take(**PHONE, **options), world, persona, camera)
