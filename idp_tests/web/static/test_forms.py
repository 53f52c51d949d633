"""Forms, the way on, and the pages without script, in a browser."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, expect

from idp.core.identification.bankid.order import OrderState
from idp.core.languages import Language
from idp_tests.web.showcase import BASE, an_order_of, status_of
from idp_tests.web.static.stand_in import ORIGIN, Provider

pytestmark = pytest.mark.browser

WAITING = status_of("computer", an_order_of("qr", OrderState.PENDING))
HERE = f"{ORIGIN}{BASE}/bankid"


def posted(provider: Provider) -> list[str]:
    return [request.post_data or "" for request in provider.requests if request.method == "POST"]


def test_a_form_pressed_twice_is_sent_once(provider: Provider) -> None:
    page = provider.show("link")
    page.evaluate(
        "window.sent = 0; document.querySelector('form').addEventListener('submit', (event) => {"
        "if (!event.defaultPrevented) window.sent += 1; event.preventDefault(); })"
    )
    page.locator("#submit").dblclick()
    assert page.evaluate("window.sent") == 1


def test_the_pressed_button_is_told_to_the_server(provider: Provider) -> None:
    page = provider.show("consent")
    page.locator("#deny").click()
    expect(page.locator("h1")).to_have_text("Framme")
    [form] = posted(provider)
    assert "answer=deny" in form
    assert "csrf_token=IjQ3.token" in form


def test_errors_take_the_focus(provider: Provider) -> None:
    page = provider.show("register-wrong")
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary a").nth(1).click()
    expect(page.locator("#phone")).to_be_focused()


def test_the_whole_link_page_works_by_keyboard(provider: Provider) -> None:
    page = provider.show("link")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#customer-number")).to_be_focused()
    page.keyboard.type("104233")
    page.keyboard.press("Tab")
    page.keyboard.type("0680")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Framme")
    [form] = posted(provider)
    assert "customer_number=104233&last_four=0680" in form


def test_the_address_can_be_copied_out_of_a_web_view(provider: Provider) -> None:
    page = provider.show("bankid-phone-embedded")
    page.locator("#copy-link").click()
    expect(page.locator("#copy-status")).to_have_text("Länken är kopierad.")
    assert provider.starts == []


def test_form_post_sends_itself_even_with_a_field_named_submit(provider: Provider) -> None:
    fields = [("code", "abc"), ("submit", "x"), ("state", "å\"<'")]
    page = provider.show("form-post", action="https://minasidor.example/cb", fields=fields)
    page.wait_for_url("https://minasidor.example/cb")
    assert posted(provider) == ["code=abc&submit=x&state=%C3%A5%22%3C%27"]


def test_the_way_back_to_the_app_goes_on_by_itself(provider: Provider) -> None:
    page = provider.show("return_to_app", url=f"{ORIGIN}/app?code=abc")
    page.wait_for_url(f"{ORIGIN}/app?code=abc")


def test_logged_out_tells_the_frames_before_it_goes_on(provider: Provider) -> None:
    front = "https://minasidor.example/front?sid=1"
    page = provider.show("logged-out", continue_url=f"{ORIGIN}/bye", auto_continue=True, frames=[front])
    page.wait_for_url(f"{ORIGIN}/bye")
    urls = [request.url for request in provider.requests]
    assert urls.index(front) < urls.index(f"{ORIGIN}/bye")


def test_logged_out_stays_when_nobody_said_go(provider: Provider) -> None:
    page = provider.show("logged-out", frames=[])
    page.wait_for_load_state("load")
    provider.pass_time(60_000)
    assert page.url == HERE


def test_without_script_the_page_goes_to_where_it_reloads_by_itself(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    provider = Provider(context)
    page = provider.show("bankid-computer-qr")
    expect(page.locator("#bankid-qr svg path")).to_be_visible()
    page.wait_for_url(f"{HERE}?script=0")
    context.close()


def test_without_script_the_person_starts_the_order(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    provider = Provider(context)
    page = provider.show("bankid-computer-idle")
    expect(page.locator("#bankid-start")).to_have_text("Visa QR-kod")
    page.locator("#bankid-start").click()
    expect(page.locator("h1")).to_have_text("Framme")
    assert posted(provider) == ["csrf_token=IjQ3.token&launch=qr"]
    context.close()


def test_without_script_the_app_is_a_plain_link(chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = Provider(context).show("bankid-phone-open")
    expect(page.get_by_role("link", name="Öppna BankID")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    "name",
    [
        "bankid-computer-qr",
        "bankid-phone-open",
        "link-mismatch",
        "register-wrong",
        "choose",
        "consent",
        "logout",
        "error-developer",
    ],
)
def test_nothing_scrolls_sideways_at_320_pixels(chromium: Browser, name: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = Provider(context).show(name)
    wide = page.locator("html").evaluate("root => root.scrollWidth > root.clientWidth")
    assert not wide
    context.close()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_number_to_call_stays_inside_the_failure_at_320_pixels(chromium: Browser, language: Language) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = Provider(context, language=language).show("bankid-computer-failed")
    beside = page.locator("#bankid-failure-facts").evaluate(
        "facts => facts.querySelector('a').getBoundingClientRect().right - facts.getBoundingClientRect().right"
    )
    assert beside <= 0
    context.close()


@pytest.mark.parametrize(
    "name", ["bankid-computer-failed", "link", "register", "choose", "consent", "logout", "error-restart"]
)
def test_what_is_pressed_is_at_least_48_pixels_high(chromium: Browser, name: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = Provider(context).show(name)
    low = page.locator("button, .button, summary, .choice, .tick, .field input, footer a").evaluate_all(
        "all => all.filter((one) => one.offsetParent && one.getBoundingClientRect().height < 48).map((one) => one.outerHTML)"
    )
    assert low == []
    context.close()


def test_the_code_stays_black_on_white_in_the_dark(chromium: Browser) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = Provider(context, status=WAITING).show("bankid-computer-qr")
    colours = page.locator("#bankid-qr path").evaluate(
        "path => [getComputedStyle(path).fill, getComputedStyle(document.querySelector('#bankid-qr')).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_that_darkens_pages_by_itself_leaves_the_code_alone(
    chromium: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(color_scheme=scheme)
    page = Provider(context, status=WAITING).show("bankid-computer-qr")
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 1"))
    box = page.locator("#bankid-qr svg").bounding_box()
    assert box is not None
    inside: Any = {"x": box["x"] + 8, "y": box["y"] + 8, "width": box["width"] - 16, "height": box["height"] - 16}
    before = page.screenshot(clip=inside)
    context.new_cdp_session(page).send("Emulation.setAutoDarkModeOverride", {"enabled": True})
    assert page.screenshot(clip=inside) == before
    context.close()
