"""MinaSidor in a browser without JavaScript: slower, and just as far."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from idp_tests.journeys.person import Person
from idp_tests.journeys.world import CUSTOMER

pytestmark = pytest.mark.browser


def test_the_whole_leaflet_works_without_script(at_computer: Callable[..., Person]) -> None:
    karin = at_computer("karin", java_script_enabled=False)
    karin.log_in_at_minasidor().sees("Logga in på MinaSidor")
    assert karin["bankid-start"].inner_text() == "Visa QR-kod"
    karin.pictured("A-bankid-no-script-idle")
    karin["bankid-start"].click()
    karin.frame()
    expect(karin.page.locator("#bankid-qr svg path")).to_be_visible()
    karin.pictured("A-bankid-no-script").identify_by_qr()
    karin.sees("Logga in med era gamla inloggningsuppgifter")
    karin.link(digits="1234")
    expect(karin["error-summary"]).to_contain_text("Kundnumret och siffrorna hör inte ihop.")
    karin.link().sees("Skapa användarkonto").register().sees("Logga in igen med ditt BankID")
    karin["bankid-start"].click()
    karin.identify_by_qr().sees("Välkommen, KARIN MARGARETA LINDQVIST")
    expect(karin["customer-number"]).to_have_text(CUSTOMER)


def test_without_script_the_code_on_the_picture_changes_by_itself(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known, java_script_enabled=False)
    person.log_in_at_minasidor()
    person["bankid-start"].click()
    first = person.frame()
    expect(person["bankid-qr"]).not_to_have_attribute("data-qr", first)
    assert person.frame().split(".")[1] == first.split(".")[1]


def test_without_script_the_app_on_a_phone_is_opened_by_a_link(on_phone: Callable[..., Person], known: str) -> None:
    person = on_phone(known, java_script_enabled=False)
    person.log_in_at_mittprezero()
    person["bankid-start"].click()
    person.identify_here().sees("Du är inloggad").pictured("I-return-to-app")
    person["continue"].click()
    person.sees("Hej, Johan Johansson!")
