"""The same journey for people who read English, use no mouse, or prefer the dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from idp_tests.journeys.person import EMAIL, PHONE_NUMBER, Person
from idp_tests.journeys.world import CUSTOMER, DIGITS

pytestmark = pytest.mark.browser

BACKGROUND = "getComputedStyle(document.querySelector('{}')).backgroundColor"


def test_the_language_link_turns_the_whole_leaflet_english(at_computer: Callable[..., Person]) -> None:
    amira = at_computer("amira")
    amira.log_in_at_minasidor().sees("Logga in på MinaSidor")
    token = amira.frame().split(".")[1]
    amira.page.get_by_role("link", name="English").click()
    amira.sees("Log in to MinaSidor")
    assert amira.frame().split(".")[1] == token, "the same order goes on"
    amira.pictured("A-bankid-en").identify_by_qr()
    amira.sees("Log in with your company's old login details").pictured("D-link-en").link()
    amira.sees("Create user account").pictured("E-register-en").register()
    amira.sees("Log in again with your BankID").pictured("F-again-en")
    assert amira.page.locator("html").get_attribute("lang") == "en"
    amira["bankid-start"].click()
    amira.identify_by_qr().sees("Välkommen, Amira Haddad El-Amin")


def test_a_browser_that_prefers_english_is_met_in_english(at_computer: Callable[..., Person], known: str) -> None:
    person = at_computer(known, locale="en-GB")
    person.log_in_at_minasidor().sees("Log in to MinaSidor")
    person.page.get_by_role("link", name="Svenska").click()
    person.sees("Logga in på MinaSidor")


def test_a_keyboard_is_enough_to_link_and_to_register(at_computer: Callable[..., Person]) -> None:
    tolvan = at_computer("tolvan")
    tolvan.log_in_at_minasidor().identify_by_qr().sees("Logga in med era gamla inloggningsuppgifter")
    page = tolvan.page
    _tab_to(page, "customer-number")
    page.keyboard.type(CUSTOMER)
    page.keyboard.press("Tab")
    _has_focus(page, "last-four")
    page.keyboard.type("9999")
    page.keyboard.press("Enter")
    expect(tolvan["error-summary"]).to_be_focused()
    tolvan.pictured("D-link-wrong")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _has_focus(page, "customer-number")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(DIGITS)
    page.keyboard.press("Tab")
    _has_focus(page, "submit")
    page.keyboard.press("Space")
    tolvan.sees("Skapa användarkonto")
    _tab_to(page, "phone")
    page.keyboard.type(PHONE_NUMBER)
    page.keyboard.press("Tab")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")
    tolvan.sees("Logga in igen med ditt BankID")


def test_the_first_tab_skips_to_the_content(at_computer: Callable[..., Person], known: str) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().frame()
    person.page.evaluate("document.activeElement.blur()")
    person.page.keyboard.press("Tab")
    expect(person.page.locator("a.skip")).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(person["main"]).to_be_focused()


def test_in_the_dark_the_page_is_dark_and_the_code_black_on_white(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known, color_scheme="dark")
    person.log_in_at_minasidor().frame()
    assert _lightness(person.page.evaluate(BACKGROUND.format("body"))) < 60
    assert person.page.evaluate(BACKGROUND.format("#bankid-qr")) == "rgb(255, 255, 255)"
    ink = person.page.locator("#bankid-qr svg path").evaluate("path => getComputedStyle(path).fill")
    assert ink == "rgb(0, 0, 0)"


def _tab_to(page: Page, element_id: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == element_id:
            return
    raise AssertionError(f"#{element_id} is out of the keyboard's reach")


def _has_focus(page: Page, element_id: str) -> None:
    expect(page.locator(f"#{element_id}")).to_be_focused()


def _lightness(color: str) -> float:
    """The mean of red, green and blue, 0 to 255."""
    parts = [float(part) for part in color.removeprefix("rgb(").removeprefix("a(").rstrip(")").split(",")[:3]]
    return sum(parts) / 3
