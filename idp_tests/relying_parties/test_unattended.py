"""A world with TLS everywhere and a phone that approves by itself: clients log in with nobody there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from idp_sandbox.programs import answers
from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.world import CUSTOMER
from idp_tests.patience import PATIENCE
from idp_tests.relying_parties.conftest import Parties


def test_everything_is_served_under_the_printed_authority(parties: Parties) -> None:
    ports = parties.world.ports
    line = next(line for line in parties.world.lines if line.startswith("Certificates"))
    authority = Path(line.partition(": ")[2])
    for port in (ports.idp, ports.minasidor, ports.mittprezero, ports.phone):
        path = "/.well-known/openid-configuration" if port == ports.idp else "/"
        assert answers(f"https://localhost:{port}{path}", trusted_ca=authority)


def test_a_client_is_logged_in_with_cookies_for_tls_alone(parties: Parties) -> None:
    client = ByHand(parties.world).log_in_at_minasidor().start().go_on()
    assert client.url.startswith(parties.world.minasidor)
    assert client.customer_number == CUSTOMER
    assert client.http.cert is None
    assert all(cookie.secure for cookie in client.http.cookies)
    assert any(cookie.name.startswith("__Host-session") for cookie in client.http.cookies)


def test_the_app_is_logged_in_unattended_too(parties: Parties) -> None:
    client = ByHand(parties.world).log_in_at_mittprezero().start().go_on().follow("continue")
    assert client.url == f"{parties.world.mittprezero}/"
    assert client.customer_number == CUSTOMER


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(ignore_https_errors=True, locale="sv-SE")
    context.set_default_timeout(1000 * PATIENCE)
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_a_browser_is_logged_in_by_doing_nothing(parties: Parties, page: Page) -> None:
    page.goto(parties.world.minasidor)
    page.locator("#login").click()
    expect(page.locator("h1").first).to_have_text("Välkommen, Anna Andersson")
    expect(page.locator("#customer-number")).to_have_text(CUSTOMER)
