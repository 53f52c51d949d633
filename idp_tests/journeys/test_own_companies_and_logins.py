"""Somebody with an account links one more company, takes a wrong one back, and hears of a login with another browser."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import expect

from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.person import EMAIL, Person
from idp_tests.journeys.world import COMPANY, CUSTOMER, OTHER_COMPANY, OTHER_CUSTOMER, OTHER_DIGITS, RunningWorld
from idp_tests.patience import soon

pytestmark = pytest.mark.browser


def test_one_more_company_is_linked_taken_back_and_linked_again(at_computer: Callable[..., Person]) -> None:
    person = at_computer("greta")
    ByHand(person.world).first_login("greta")
    page, minasidor = person.page, person.world.minasidor
    page.goto(f"{minasidor}/login?prompt=select_account")
    person.identify_by_qr().sees("Välj företag").pictured("G-choose-one")
    expect(page.locator(".choice-name")).to_have_text([COMPANY])
    person["new-customer"].click()
    person.sees("Koppla ett annat företag").pictured("D-one-more").link(OTHER_CUSTOMER, OTHER_DIGITS)
    person.sees("Välj företag").pictured("G-choose-linked-now")
    expect(page.get_by_role("radio", name=OTHER_COMPANY)).to_be_checked()
    page.get_by_role("button", name=f"Ta bort {OTHER_COMPANY}").click()
    person.sees("Koppla ett annat företag")
    page.go_back()
    page.reload()
    person.sees("Koppla ett annat företag").link(OTHER_CUSTOMER, OTHER_DIGITS).sees("Välj företag")
    person["submit"].click()
    person.sees("Välkommen")
    expect(person["customer-number"]).to_have_text(OTHER_CUSTOMER)
    page.goto(f"{minasidor}/login?customer=new")
    person.sees("Koppla ett annat företag")
    person["no-new-customer"].click()
    person.sees("Välj företag")
    page.get_by_role("radio", name=COMPANY).check()
    person["submit"].click()
    person.sees("Välkommen")
    expect(person["customer-number"]).to_have_text(CUSTOMER)


def test_a_login_with_another_browser_is_told_of_and_disowned(at_computer: Callable[..., Person]) -> None:
    person = at_computer("greta")
    world, page = person.world, person.page
    ByHand(world).log_in_at_minasidor()
    page.goto(_newest_link(world, "confirm-email"))
    person["submit"].click()
    person.sees("Tack! Adressen är bekräftad.")
    person.log_in_at_minasidor().identify_by_qr()
    person.sees("Välj företag")
    page.goto(_newest_link(world, "not-me"))
    person.sees("Var det inte du som loggade in?").pictured("disown")
    person["submit"].click()
    person.sees("Alla dina inloggningar är avslutade.").pictured("disowned")
    page.go_back()
    page.reload()
    person.sees("Länken är redan använd.")
    person.log_in_at_minasidor().sees("Logga in på MinaSidor")


def _newest_link(world: RunningWorld, path: str) -> str:
    """Of the latest e-mail with such a link; it is written by a job."""
    found = re.compile(rf"{re.escape(world.idp)}/{path}\?proof=\S+")
    links: list[str] = []

    def look() -> bool:
        files = sorted((world.data / "idp" / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime)
        for file in reversed(files):
            message = message_from_bytes(file.read_bytes(), policy=default)
            text = message.get_content() if EMAIL in str(message["To"]) else ""
            links.extend(found.findall(text)[:1])
            if links:
                return True
        return False

    soon(look, f"an e-mail with {path}")
    return links[0]
