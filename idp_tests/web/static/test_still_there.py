"""The warning before a login ends, and the other language, in a browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from idp_tests.axe import axe_findings
from idp_tests.web.showcase import BASE
from idp_tests.web.static.stand_in import ORIGIN, Provider

pytestmark = pytest.mark.browser

STAY = f"{ORIGIN}{BASE}/stay"
TYPED = "070-123 45 67"


def answer(page: Page, status: int = 200) -> list[Request]:
    """Answer what asks for more time; returns what will have asked."""
    asked: list[Request] = []

    def fulfill(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(status=status, json={"seconds_left": 1800})

    page.route(STAY, fulfill)
    return asked


def test_two_minutes_before_the_end_the_person_is_asked_and_may_go_on(provider: Provider) -> None:
    page = provider.show("register", seconds_left=600)
    answer(page)
    page.locator("#phone").fill(TYPED)
    provider.pass_time(478_000)
    expect(page.get_by_role("dialog")).to_be_hidden()
    provider.pass_time(4_000)
    expect(page.get_by_role("dialog", name="Är du kvar?")).to_be_visible()
    expect(page.locator("#still-there-left")).to_have_text(re.compile(r"1:5\d"))
    expect(page.locator("#still-there-stay")).to_be_focused()
    assert axe_findings(page) == []
    page.locator("#still-there-stay").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#phone")).to_be_focused()
    expect(page.locator("#phone")).to_have_value(TYPED)


def test_escape_says_that_one_is_there(provider: Provider) -> None:
    page = provider.show("link", seconds_left=100)
    answer(page)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_login_that_ended_says_so_and_can_begin_again(provider: Provider) -> None:
    page = provider.show("link", seconds_left=100)
    provider.pass_time(101_000)
    expect(page.get_by_role("dialog", name="Det tog för lång tid.")).to_be_visible()
    expect(page.locator("#still-there-restart")).to_be_focused()
    assert page.locator("#still-there-restart").get_attribute("href") == BASE
    expect(page.locator("#still-there-stay")).to_be_hidden()


def test_a_login_that_ended_elsewhere_is_told_when_more_time_is_asked_for(provider: Provider) -> None:
    page = provider.show("link", seconds_left=100)
    answer(page, status=400)
    page.locator("#still-there-stay").click()
    expect(page.locator("#still-there-restart")).to_be_visible()


def test_without_contact_the_button_stays(provider: Provider) -> None:
    page = provider.show("link", seconds_left=100)
    page.route(STAY, lambda route: route.abort())
    page.locator("#still-there-stay").click()
    expect(page.locator(".when-offline")).to_be_visible()
    page.unroute(STAY)
    answer(page)
    page.locator("#still-there-stay").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_who_types_is_never_asked(provider: Provider) -> None:
    page = provider.show("register", seconds_left=600)
    asked = answer(page)
    provider.pass_time(400_000)
    page.locator("#phone").press_sequentially("07")
    provider.pass_time(400_000)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert [request.post_data for request in asked] == ["csrf_token=IjQ3.token"]


def test_the_other_language_sends_along_what_was_typed(provider: Provider) -> None:
    page = provider.show("register")
    page.locator("#phone").fill(TYPED)
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("link", name="English").click()
    [sent] = [request for request in provider.requests if request.method == "POST"]
    assert sent.url == f"{ORIGIN}{BASE}/bankid?lang=en"
    assert "switch=language" in (sent.post_data or "")
    assert "phone=070-123+45+67" in (sent.post_data or "")


def test_without_script_the_person_is_told_beforehand_and_keeps_what_was_typed(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    provider = Provider(context)
    page = provider.show("register")
    expect(page.locator("noscript .hint")).to_contain_text("Fyll i inom 30 minuter.")
    page.locator("#phone").fill(TYPED)
    page.locator("#phone").press("Enter")
    page.go_back()
    page.locator("#phone").fill(TYPED)
    page.locator("noscript button").click()
    first, second = (request for request in provider.requests if request.method == "POST")
    assert "switch" not in (first.post_data or "")
    assert "switch=language" in (second.post_data or "")
    context.close()
