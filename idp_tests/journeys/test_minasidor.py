"""MinaSidor on a computer: the leaflet's left column, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from idp_tests.journeys.person import Person
from idp_tests.journeys.world import COMPANY, CUSTOMER

pytestmark = pytest.mark.browser


def test_the_first_time_the_whole_leaflet_leads_into_minasidor(at_computer: Callable[..., Person]) -> None:
    anna = at_computer("anna")
    anna.log_in_at_minasidor().sees("Logga in på MinaSidor")
    anna.frame()
    anna.pictured("A-bankid").identify_by_qr()
    anna.sees("Logga in med era gamla inloggningsuppgifter").pictured("D-link")
    expect(anna.page.locator(".lead")).to_contain_text("Hej Anna!")
    anna.link().sees("Skapa användarkonto").pictured("E-register")
    expect(anna["name"]).to_have_value("Anna Andersson")
    anna.register().sees("Logga in igen med ditt BankID").pictured("F-again")
    anna["bankid-start"].click()
    anna.identify_by_qr().sees("Välkommen, Anna Andersson").pictured("minasidor")
    expect(anna["organisation-name"]).to_have_text(COMPANY)
    expect(anna["customer-number"]).to_have_text(CUSTOMER)
    anna["login-details"].click()
    expect(anna.page.locator("#id-token-claims [data-claim=amr]")).to_contain_text("mca")


def test_the_second_time_bankid_is_all_it_takes(at_computer: Callable[..., Person], known: str) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    expect(person["customer-number"]).to_have_text(CUSTOMER)


def test_a_person_who_is_logged_in_at_minasidor_is_asked_nothing_by_mittprezero(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    orders = len(person.world.phone.orders())
    person.log_in_at_mittprezero().sees("Hej, Johan Johansson!").pictured("mittprezero")
    expect(person["customer-number"]).to_have_text(CUSTOMER)
    assert len(person.world.phone.orders()) == orders
