"""MittPreZero on an iPhone: the leaflet's right column, with the BankID app on the same device."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from idp_tests.journeys.person import Person
from idp_tests.journeys.world import CUSTOMER

pytestmark = pytest.mark.browser


def test_the_first_time_app_and_browser_lead_each_other_through_the_leaflet(on_phone: Callable[..., Person]) -> None:
    bjorn = on_phone("bjorn")
    bjorn.log_in_at_mittprezero().sees("Logga in på MittPreZero")
    expect(bjorn["bankid-open"]).to_be_visible()
    bjorn.pictured("B-bankid").open_app_here()
    expect(bjorn["intention"]).to_contain_text("Logga in på MittPreZero hos PreZero.")
    bjorn.pictured("app-identify")
    bjorn["approve"].click()
    bjorn.sees("Logga in med era gamla inloggningsuppgifter").pictured("D-link-phone")
    bjorn.link().sees("Skapa användarkonto").pictured("E-register-phone")
    bjorn.register().sees("Logga in igen med ditt BankID").pictured("F-again-phone")
    bjorn.identify_here().sees("Hej, Björn-Åke André Åström Östlund!").pictured("mittprezero-phone")
    expect(bjorn["customer-number"]).to_have_text(CUSTOMER)
    expect(bjorn.page.locator("#id-token-claims [data-claim=amr]")).not_to_contain_text("mca")


def test_the_app_on_the_same_phone_returns_to_the_page_that_began(on_phone: Callable[..., Person], known: str) -> None:
    person = on_phone(known)
    person.log_in_at_mittprezero().sees("Logga in på MittPreZero")
    sign_in = person.page.url.removesuffix("/bankid")
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    person.identify_here().sees("Hej, Johan Johansson!")
    assert [url for url in asked if url.startswith(f"{sign_in}/bankid/back?n=")]


def test_the_app_is_refreshed_without_bankid_and_logged_out_without_a_browser(
    on_phone: Callable[..., Person], known: str
) -> None:
    person = on_phone(known)
    person.log_in_at_mittprezero().identify_here().sees("Hej, Johan Johansson!")
    orders = len(person.world.phone.orders())
    person["refresh"].click()
    expect(person["renewals"]).to_have_attribute("data-renewals", "1")
    person["refresh"].click()
    expect(person["renewals"]).to_have_attribute("data-renewals", "2")
    assert len(person.world.phone.orders()) == orders
    person["logout"].click()
    person.sees("Välkommen till MittPreZero")


def test_a_code_can_be_scanned_by_another_phone_instead(on_phone: Callable[..., Person], known: str) -> None:
    person = on_phone(known)
    person.log_in_at_mittprezero()
    expect(person["bankid-open"]).to_be_visible()
    person["bankid-other"].click()
    person.identify_by_qr().sees("Hej, Johan Johansson!")


def test_nothing_on_the_phone_has_to_be_scrolled_sideways(on_phone: Callable[..., Person], known: str) -> None:
    person = on_phone(known)
    person.page.set_viewport_size({"width": 320, "height": 640})
    person.log_in_at_mittprezero()
    expect(person["bankid-open"]).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert person.page.evaluate(overflow) <= 0
    person["bankid-other"].click()
    person.frame()
    assert person.page.evaluate(overflow) <= 0
    box = person["bankid-qr"].bounding_box()
    assert box
    assert box["width"] >= 150
    assert re.match("bankid", person.frame())
