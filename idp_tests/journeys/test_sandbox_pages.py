"""The sandbox's own pages as people meet them: axe finds nothing on any, in light and dark, on a computer and a phone, and
none scrolls sideways on the narrowest."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from idp_tests.axe import axe_findings
from idp_tests.journeys.person import Person

pytestmark = pytest.mark.browser

Open = Callable[..., Person]


def look(person: Person, name: str) -> list[str]:
    """Take the page's picture, and say what axe finds on it."""
    person.pictured(name)
    found = [f"{name}: {finding}" for finding in axe_findings(person.page)]
    person.page.emulate_media(color_scheme="dark")  # only colours can differ there
    found += [f"{name}, dark: {finding}" for finding in axe_findings(person.page, only="color-contrast")]
    person.page.emulate_media(color_scheme="light")
    return found + sideways(person, name)


def sideways(person: Person, name: str) -> list[str]:
    """Say whether the page scrolls sideways at 320 pixels (WCAG 2.2, 1.4.10)."""
    size = person.page.viewport_size
    assert size is not None
    person.page.set_viewport_size({"width": 320, "height": size["height"]})
    width = person.page.evaluate("document.documentElement.scrollWidth")
    person.page.set_viewport_size(size)
    return [f"{name}: {width} pixels wide at 320"] if width > 320 else []


def test_axe_finds_nothing_at_minasidor(at_computer: Open, known: str) -> None:
    person = at_computer(known)
    start = person.world.minasidor
    found: list[str] = []
    for path, name in (("/", "start"), ("/nowhere", "404"), ("/help", "help"), ("/privacy", "privacy")):
        person.page.goto(start + path)
        found += look(person, f"minasidor-{name}")
    person.page.goto(f"{start}/accessibility")
    found += look(person, "minasidor-accessibility")
    person.page.goto(f"{start}/login?prompt=none")
    found += look(person.sees("Inloggningen gick inte igenom"), "minasidor-problem")
    person.log_in_at_minasidor().identify_by_qr()
    person.page.wait_for_url(f"{start}/")
    found += look(person, "minasidor-overview")
    person["login-details"].click()
    found += look(person.sees("Om inloggningen"), "minasidor-details")
    person["logout"].click()
    person.page.wait_for_url(f"{start}/logged-out*")  # the provider has a page with the same heading
    found += look(person, "minasidor-logged-out")
    assert found == []


def test_axe_finds_nothing_in_mittprezero(on_phone: Open, known: str) -> None:
    person = on_phone(known)
    start = person.world.mittprezero
    found: list[str] = []
    for path, name in (("/", "start"), ("/prezero", "prezero"), ("/nowhere", "404")):
        person.page.goto(start + path)
        found += look(person, f"mittprezero-{name}")
    person.page.goto(f"{start}/login?prompt=none")
    found += look(person.sees("Inloggningen gick inte igenom"), "mittprezero-problem")
    person.log_in_at_mittprezero().identify_here().sees("Hej, ")
    found += look(person, "mittprezero-home")
    person["logout"].click()
    expect(person["login"]).to_have_text("Logga in med BankID")
    found += look(person, "mittprezero-start-again")
    person["logout-everywhere"].click()
    found += look(person.sees("Du är utloggad överallt"), "mittprezero-logged-out")
    assert found == []


def test_axe_finds_nothing_on_the_virtual_phone(on_phone: Open) -> None:
    person = on_phone("anna")
    phone = person.world.phone.address
    person.page.goto(phone)
    found = look(person, "phone-home")
    person["scan"].click()
    found += look(person, "phone-error")
    person.log_in_at_mittprezero().open_app_here()
    found += look(person, "phone-order")
    person["cancel"].click()
    found += look(person, "phone-cancelled")
    assert found == []
