import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from idp_tests.browser import Browser
from idp_tests.provider import Provider


@pytest.fixture
def done(provider: Provider) -> Browser:
    """A person who has just logged in to the app, at the page that leads back to it."""
    provider.browser().first_login()
    return provider.browser().authorize("mittprezero").identify()


def way_back(browser: Browser) -> str:
    """Where the page's button leads."""
    found = re.search(r'<a class="button" id="continue" href="([^"]+)"', browser.page)
    assert found is not None
    return html.unescape(found[1])


def test_the_button_carries_the_answer_to_the_app(done: Browser) -> None:
    assert done.step == "return_to_app"
    assert "Du är inloggad" in done.page
    address = urlsplit(way_back(done))
    assert address.geturl().startswith("https://app.example/cb?")
    answer = parse_qs(address.query)
    assert answer["state"] == ["a state"]
    assert answer["iss"] == ["https://id.example"]
    done.left_to = way_back(done)
    assert done.redeem("mittprezero").status_code == 200


def test_a_reload_at_once_shows_the_same_answer_and_makes_no_second_grant(done: Browser, provider: Provider) -> None:
    before, grants = way_back(done), provider.scalar("SELECT count(*) FROM grants")
    done.get(f"{done.base}/return_to_app")
    assert way_back(done) == before
    assert provider.scalar("SELECT count(*) FROM grants") == grants


def test_later_the_person_reads_that_the_login_is_over(done: Browser, provider: Provider) -> None:
    base = done.base
    provider.clock.advance(seconds=11)
    done.get(f"{base}/return_to_app")
    assert "Du är redan inloggad" in done.page
    assert "code=" not in done.page


def test_the_page_answers_no_web_client_and_nobody_who_has_steps_left(provider: Provider) -> None:
    browser = provider.browser().authorize("mittprezero")
    assert browser.get(f"{browser.base}/return_to_app").step == "bankid"
    assert provider.scalar("SELECT count(*) FROM grants") == 0
    browser.get("/").first_login()
    assert browser.left_to is not None
    assert browser.left_to.startswith("https://minasidor.example/cb?")


def test_another_browser_gets_no_answer(done: Browser, provider: Provider) -> None:
    stranger = provider.browser().authorize()
    stranger.get(f"{done.base}/return_to_app")
    assert stranger.status == 400
    assert "code=" not in stranger.page
