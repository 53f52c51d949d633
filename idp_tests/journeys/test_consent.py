"""A third party, known by a file dropped into a directory: the person is asked, and the answer counts."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from idp_tests.journeys.partner import NAME, Partner
from idp_tests.journeys.person import Person

pytestmark = pytest.mark.browser


def test_who_does_not_allow_is_back_at_the_service_which_is_refused(
    at_computer: Callable[..., Person], known: str, partner: Partner
) -> None:
    person = at_computer(known)
    person.page.goto(partner.login_address(person.world))
    person.sees(f"Logga in på {NAME}").identify_by_qr()
    person.sees(f"Får {NAME} använda dina uppgifter?").pictured("H-consent")
    expect(person.page.locator(".asked")).to_contain_text("Företag och kundnummer")
    person["deny"].click()
    person.page.wait_for_url(f"{partner.address}/**")
    assert _answer(person)["error"] == "access_denied"


def test_who_allows_is_asked_once_and_the_service_gets_what_was_allowed(
    at_computer: Callable[..., Person], known: str, partner: Partner
) -> None:
    person = at_computer(known)
    person.page.goto(partner.login_address(person.world))
    person.identify_by_qr().sees(f"Får {NAME} använda dina uppgifter?")
    person["submit"].dblclick()
    person.page.wait_for_url(f"{partner.address}/**")
    answer = _answer(person)
    assert answer["iss"] == person.world.idp
    assert answer["state"] == "a state"
    tokens = partner.redeem(person.world, answer["code"])
    assert tokens["token_type"] == "Bearer"
    assert set(tokens["scope"].split()) == {"openid", "profile", "email", "customer"}
    person.page.goto(partner.login_address(person.world))
    person.page.wait_for_url(f"{partner.address}/**")
    assert "code" in _answer(person)


def _answer(person: Person) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(person.page.url).query).items()}
