"""One world and one browser for all journeys; a new browser context, and where needed a new person, for each."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

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


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Open browsers of their own, Swedish ones unless told otherwise; all are closed afterwards."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        context = chromium.new_context(**{"locale": "sv-SE", **COMPUTER, **options})
        context.set_default_timeout(1000 * PATIENCE)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> Camera:
    return Camera(request.config.getoption("--pictures", default=None))


@pytest.fixture
def at_computer(
    open_browser: Callable[..., BrowserContext], world: RunningWorld, camera: Camera
) -> Callable[..., Person]:
    """A person before a computer: `at_computer("anna")`."""

    def sit_down(persona: str, **options: Any) -> Person:
        return Person(open_browser(**options).new_page(), world, persona, camera)

    return sit_down


@pytest.fixture
def on_phone(open_browser: Callable[..., BrowserContext], world: RunningWorld, camera: Camera) -> Callable[..., Person]:
    """A person with an iPhone: `on_phone("anna")`."""

    def pick_up(persona: str, **options: Any) -> Person:
        return Person(open_browser(**PHONE, **options).new_page(), world, persona, camera)

    return pick_up
