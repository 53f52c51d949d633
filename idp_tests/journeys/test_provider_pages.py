"""The provider's own pages as people meet them: axe finds nothing on any, in Swedish and English, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from idp_tests.journeys.person import Person
from idp_tests.journeys.test_sandbox_pages import look
from idp_tests.journeys.world import CUSTOMER

pytestmark = pytest.mark.browser

Open = Callable[..., Person]
LANGUAGES = pytest.mark.parametrize("locale", ["sv-SE", "en-GB"])
ON_THEIR_OWN = {
    "home": "/",
    "personal-data": "/personal-data",
    "404": "/nowhere",
    "unknown-client": "/authorize?client_id=nobody",
    "gone": "/signin/AAAAAAAAAAAAAAAAAAAAAA/register",
    "letter-over": "/confirm-email?proof=x",
    "letter-used": "/confirm-email?done=1",
    "disown-over": "/not-me?proof=x",
    "disowned": "/not-me?case=K7Q2ABCD",
    "logout": "/logout",
}


@LANGUAGES
def test_axe_finds_nothing_on_pages_outside_a_login(at_computer: Open, locale: str) -> None:
    person = at_computer("anna", locale=locale)
    found: list[str] = []
    for name, path in ON_THEIR_OWN.items():
        person.page.goto(person.world.idp + path)
        found += look(person, f"{name}-{locale}")
    assert found == []


@LANGUAGES
def test_axe_finds_nothing_from_the_code_to_the_form_that_makes_an_account(at_computer: Open, locale: str) -> None:
    nils = at_computer("nils", locale=locale)
    nils.log_in_at_minasidor().frame()
    found = look(nils, f"code-{locale}")
    nils.world.phone.cancel(nils.scan())
    expect(nils["bankid-failure"]).to_be_focused()
    found += look(nils, f"failure-{locale}")
    nils["bankid-start"].click()
    session = nils.scan()
    expect(nils["bankid-qr-panel"]).to_be_hidden()
    found += look(nils, f"confirming-{locale}")
    nils.world.phone.approve(session)
    nils.link(CUSTOMER, "")
    expect(nils["error-summary"]).to_be_focused()
    found += look(nils, f"link-{locale}")
    nils.link()
    expect(nils["phone"]).to_be_visible()
    found += look(nils, f"register-{locale}")
    assert found == []


@LANGUAGES
def test_axe_finds_nothing_on_the_page_without_script(at_computer: Open, locale: str) -> None:
    nils = at_computer("nils", locale=locale)
    nils.log_in_at_minasidor().frame()
    address = nils.page.url.partition("?")[0]
    nils.page.route("**/*", _stay)
    found: list[str] = []
    for name, said in {"alone": "?script=0", "alone-stopped": "?script=0&stop=1"}.items():
        nils.page.goto(address + said)
        expect(nils["bankid-qr"]).to_be_visible()
        found += look(nils, f"{name}-{locale}")
    assert found == []


def _stay(route: Route) -> None:
    """The page's own answer without its Refresh header, or it would be gone before axe has looked."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={name: value for name, value in answer.headers.items() if name != "refresh"})
