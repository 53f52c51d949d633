"""People cancel, mistype, go back, reload and press twice; the login goes on from where they are."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from idp_tests.journeys.person import EMAIL, PHONE_NUMBER, Person
from idp_tests.journeys.world import COMPANY, CUSTOMER, DIGITS, OTHER_COMPANY, OTHER_CUSTOMER, OTHER_DIGITS
from idp_tests.patience import soon

pytestmark = pytest.mark.browser


def test_who_cancels_in_the_app_reads_it_and_tries_again_with_a_new_code(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor()
    first = person.frame()
    person.world.phone.cancel(person.scan())
    expect(person["bankid-failure"]).to_contain_text("Du avbröt i BankID-appen.")
    expect(person["bankid-failure"]).to_be_focused()
    expect(person.page).to_have_title("Fel: Logga in på MinaSidor – PreZero")
    person.pictured("C-cancelled-in-app")
    person["bankid-start"].click()
    expect(person["bankid-failure"]).to_be_hidden()
    assert person.frame().split(".")[1] != first.split(".")[1]


def test_who_cancels_on_the_page_tries_again_or_goes_back_to_minasidor_which_is_told(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor()
    orders = [person.world.phone.order_behind(person.frame())]
    person["bankid-cancel"].click()
    person.sees("Du avbröt inloggningen").pictured("cancelled")
    person["continue"].click()
    orders.append(person.world.phone.order_behind(person.frame()))
    person["bankid-cancel"].click()
    person["submit"].click()
    person.sees("Inloggningen avbröts")
    expect(person["error-code"]).to_have_text("access_denied")
    for order in orders:
        _wait_until_bankid_is_told(person, order)


def test_wrong_digits_are_told_and_what_was_typed_is_kept(at_computer: Callable[..., Person]) -> None:
    sixten = at_computer("sixten")
    sixten.log_in_at_minasidor().identify_by_qr().sees("Logga in med era gamla inloggningsuppgifter")
    sixten.link(CUSTOMER, "0681")
    expect(sixten["error-summary"]).to_contain_text("Kundnumret och siffrorna hör inte ihop.")
    expect(sixten["error-summary"]).to_be_focused()
    expect(sixten["customer-number"]).to_have_value(CUSTOMER)
    expect(sixten["customer-number"]).to_have_attribute("aria-invalid", "true")
    expect(sixten.page).to_have_title("Fel: Logga in med era gamla inloggningsuppgifter – PreZero")
    sixten.link("", "")
    expect(sixten["error-summary"]).to_contain_text("Fyll i kundnumret.")
    sixten.link("Nr 1001 2345", "556016-0680").sees("Skapa användarkonto")
    sixten["phone"].fill("12")
    sixten["email"].fill("nobody")
    sixten["submit"].click()
    expect(sixten["error-summary"]).to_contain_text("Numret ser inte rätt ut.")
    expect(sixten["error-summary"]).to_contain_text("Adressen ser inte rätt ut.")
    expect(sixten["email"]).to_have_value("nobody")
    sixten.pictured("E-register-wrong")


def test_back_from_registering_another_company_can_be_chosen(at_computer: Callable[..., Person]) -> None:
    maximiliana = at_computer("maximiliana")
    maximiliana.log_in_at_minasidor().identify_by_qr().sees("Logga in med era gamla inloggningsuppgifter")
    maximiliana.link().sees("Skapa användarkonto")
    expect(maximiliana.page.locator(".notice")).to_contain_text(COMPANY)
    maximiliana.page.go_back()
    maximiliana.sees("Logga in med era gamla inloggningsuppgifter")
    maximiliana.page.reload()
    expect(maximiliana.page.locator(".notice")).to_contain_text(COMPANY)
    maximiliana.pictured("D-link-accepted")
    maximiliana["continue"].click()
    maximiliana.sees("Skapa användarkonto")
    maximiliana.page.get_by_role("link", name="Fel företag?").click()
    maximiliana.link(OTHER_CUSTOMER, OTHER_DIGITS).sees("Skapa användarkonto")
    expect(maximiliana.page.locator(".notice")).to_contain_text(OTHER_COMPANY)
    maximiliana.register().sees("Logga in igen med ditt BankID")
    maximiliana.page.go_back()
    maximiliana.page.reload()
    maximiliana.sees("Logga in igen med ditt BankID")
    maximiliana["bankid-start"].click()
    maximiliana.identify_by_qr().sees("Välkommen, Maximiliana")
    expect(maximiliana["customer-number"]).to_have_text(OTHER_CUSTOMER)


def test_back_to_a_form_that_was_mistyped_sends_nothing_again(at_computer: Callable[..., Person]) -> None:
    nils = at_computer("nils")
    nils.log_in_at_minasidor().identify_by_qr().sees("Logga in med era gamla inloggningsuppgifter")
    nils.link(CUSTOMER, "0681")
    expect(nils["error-summary"]).to_be_focused()
    nils.link().sees("Skapa användarkonto")
    nils.page.go_back()
    nils.sees("Logga in med era gamla inloggningsuppgifter")
    expect(nils["error-summary"]).to_have_count(0)
    expect(nils.page.locator(".notice")).to_contain_text(COMPANY)


def test_back_from_minasidor_says_that_the_login_is_done_and_leads_there_again(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    orders = len(person.world.phone.orders())
    person.page.go_back()
    person.sees("Du är redan inloggad").pictured("L-already")
    person["continue"].click()
    person.sees("Välkommen, Johan Johansson")
    assert len(person.world.phone.orders()) == orders


def test_back_after_giving_up_asks_for_no_form_again_and_begins_again(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().frame()
    person["bankid-cancel"].click()
    person.sees("Du avbröt inloggningen")
    person.page.reload()
    person["submit"].click()
    person.sees("Inloggningen avbröts")
    person.page.go_back()
    person.sees("Du avbröt inloggningen").pictured("cancelled-over")
    person["back-to-app"].click()
    person.log_in_at_minasidor().frame()


def test_a_reload_keeps_the_order_and_its_countdown(at_computer: Callable[..., Person], known: str) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor()
    token = person.frame().split(".")[1]
    orders = len(person.world.phone.orders())
    for _ in range(3):
        person.page.reload()
        assert person.frame().split(".")[1] == token
    expect(person["bankid-countdown"]).to_contain_text("Koden gäller i 00:2")
    assert len(person.world.phone.orders()) == orders


def test_every_button_may_be_pressed_twice(at_computer: Callable[..., Person]) -> None:
    eva = at_computer("eva")
    eva.page.goto(eva.world.minasidor)
    eva["login"].dblclick()
    eva.sees("Logga in på MinaSidor")
    eva.world.phone.cancel(eva.scan())
    expect(eva["bankid-failure"]).to_be_visible()
    eva["bankid-start"].dblclick()
    eva.identify_by_qr().sees("Logga in med era gamla inloggningsuppgifter")
    eva["customer-number"].fill(CUSTOMER)
    eva["last-four"].fill(DIGITS)
    eva["submit"].dblclick()
    eva.sees("Skapa användarkonto")
    eva["phone"].fill(PHONE_NUMBER)
    eva["email"].fill(EMAIL)
    eva["submit"].dblclick()
    eva.sees("Logga in igen med ditt BankID")
    eva["bankid-start"].dblclick()
    eva.identify_by_qr().sees("Välkommen, Eva Maria Svensson")
    eva["logout"].dblclick()
    expect(eva["login"]).to_be_visible()


def test_without_script_a_form_sent_twice_does_its_work_once(at_computer: Callable[..., Person]) -> None:
    """Two identical POSTs, the second while the first is under way, as an impatient browser without script sends them."""
    gun = at_computer("gun", java_script_enabled=False)
    gun.log_in_at_minasidor()
    gun["bankid-start"].dblclick()
    gun.identify_by_qr().sees("Logga in med era gamla inloggningsuppgifter")
    gun["customer-number"].fill(CUSTOMER)
    gun["last-four"].fill(DIGITS)
    gun["submit"].dblclick()
    gun.sees("Skapa användarkonto")
    gun["phone"].fill(PHONE_NUMBER)
    gun["email"].fill(EMAIL)
    gun["submit"].dblclick()
    gun.sees("Logga in igen med ditt BankID")


def _wait_until_bankid_is_told(person: Person, order: str) -> None:
    soon(lambda: person.world.phone.order(order)["status"] == "cancelled", "BankID is told")
