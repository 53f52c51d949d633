"""A world with TLS everywhere and a phone that approves by itself: clients log in with nobody there."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.person import Person
from idp_tests.journeys.pictures import Camera
from idp_tests.journeys.world import CUSTOMER, RunningWorld, running_world


@pytest.fixture(scope="module")
def unattended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    with running_world(tmp_path_factory.mktemp("unattended"), "--tls", "--autopilot", "anna") as world:
        ByHand(world).log_in_at_minasidor().start().go_on().link().register().start().go_on()
        yield world


def test_under_tls_the_autopilot_logs_a_client_in_unattended(unattended: RunningWorld) -> None:
    client = ByHand(unattended).log_in_at_minasidor().start().go_on()
    assert client.url.startswith(unattended.minasidor)
    assert client.customer_number == CUSTOMER
    assert client.http.cert is None
    assert all(cookie.secure for cookie in client.http.cookies)
    assert any(cookie.name.startswith("__Host-session") for cookie in client.http.cookies)


def test_the_app_is_logged_in_unattended_too(unattended: RunningWorld) -> None:
    client = ByHand(unattended).log_in_at_mittprezero().start().go_on().follow("continue")
    assert client.url == f"{unattended.mittprezero}/"
    assert client.customer_number == CUSTOMER


@pytest.mark.browser
def test_under_tls_a_browser_is_logged_in_by_doing_nothing(
    unattended: RunningWorld, open_browser: Callable[..., BrowserContext], camera: Camera
) -> None:
    person = Person(open_browser(ignore_https_errors=True).new_page(), unattended, "anna", camera)
    person.log_in_at_minasidor().sees("Välkommen, Anna Andersson")
    expect(person["customer-number"]).to_have_text(CUSTOMER)
