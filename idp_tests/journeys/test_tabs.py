"""Several tabs, and browsers that are closed and opened again while the person is in the BankID app."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from idp_tests.journeys.conftest import PHONE
from idp_tests.journeys.person import Person
from idp_tests.journeys.pictures import Camera
from idp_tests.journeys.world import CUSTOMER, RunningWorld

pytestmark = pytest.mark.browser


def test_the_second_tab_goes_on_by_itself_and_once(
    at_computer: Callable[..., Person], known: str, camera: Camera
) -> None:
    first = at_computer(known)
    first.log_in_at_minasidor()
    second = Person(first.page.context.new_page(), first.world, known, camera)
    second.log_in_at_minasidor()
    returns = _answers_to(second.page, first.world)
    assert first.frame().split(".")[1] != second.frame().split(".")[1]
    first.page.bring_to_front()
    first.identify_by_qr().sees("Välkommen, Johan Johansson")
    second.page.bring_to_front()
    second.sees("Välkommen, Johan Johansson")
    second.page.wait_for_load_state("networkidle")
    assert len(returns) == 1


def test_both_relying_parties_can_be_logged_in_to_at_once(
    at_computer: Callable[..., Person], known: str, camera: Camera
) -> None:
    portal = at_computer(known)
    portal.log_in_at_minasidor()
    app = Person(portal.page.context.new_page(), portal.world, known, camera)
    app.log_in_at_mittprezero()
    app.identify_by_qr().sees("Hej, Johan Johansson!")
    portal.page.bring_to_front()
    portal.sees("Välkommen, Johan Johansson")


def test_a_tab_that_asks_for_a_new_identification_is_not_swept_along(
    at_computer: Callable[..., Person], known: str, camera: Camera
) -> None:
    first = at_computer(known)
    first.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    second = Person(first.page.context.new_page(), first.world, known, camera)
    second.page.goto(f"{first.world.minasidor}/login?prompt=login")
    second.sees("Logga in på MinaSidor")
    second.frame()
    first.log_in_at_mittprezero().sees("Hej, Johan Johansson!")
    second.page.bring_to_front()
    second.sees("Logga in på MinaSidor").identify_by_qr().sees("Välkommen, Johan Johansson")


@pytest.mark.parametrize("keeps_session_cookies", [True, False], ids=["restored", "opened again"])
def test_a_browser_closed_during_bankid_goes_on_where_the_person_is(
    keeps_session_cookies: bool,
    at_computer: Callable[..., Person],
    open_browser: Callable[..., BrowserContext],
    tmp_path: Path,
    camera: Camera,
) -> None:
    mikael = at_computer("mikael")  # of moderate risk, for which four digits are not enough
    mikael.log_in_at_minasidor()
    order = mikael.scan()
    address = mikael.page.url
    state = _close(mikael.page.context, tmp_path / "state.json", keeps_session_cookies)
    mikael.world.phone.approve(order)
    again = Person(open_browser(storage_state=state).new_page(), mikael.world, "mikael", camera)
    again.page.goto(address)
    again.sees("Logga in med era gamla inloggningsuppgifter")
    again.link_whole(CUSTOMER, "556016-0680").sees("Skapa användarkonto")


def test_a_browser_closed_during_bankid_ends_in_minasidor_when_opened_again(
    at_computer: Callable[..., Person], open_browser: Callable[..., BrowserContext], known: str, camera: Camera
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor()
    order = person.scan()
    address, state = person.page.url, person.page.context.storage_state()
    person.page.context.close()
    again = Person(open_browser(storage_state=state).new_page(), person.world, known, camera)
    again.page.goto(address)
    expect(again["bankid-message"]).to_have_text("Bekräfta i BankID-appen med kod, fingeravtryck eller ansikte.")
    again.world.phone.approve(order)
    again.sees("Välkommen, Johan Johansson")
    expect(again["customer-number"]).to_have_text(CUSTOMER)


def test_an_app_that_returns_to_another_browser_logs_nobody_in_and_the_first_one_is_told_and_led_on(
    on_phone: Callable[..., Person], open_browser: Callable[..., BrowserContext], known: str, camera: Camera
) -> None:
    person = on_phone(known)
    person.log_in_at_mittprezero()
    link = person.page.locator("#bankid-open[href]").get_attribute("href") or ""
    stranger = Person(open_browser(**PHONE).new_page(), person.world, known, camera)
    stranger.page.goto(link)
    stranger["persona"].select_option(known)
    stranger["approve"].click()
    stranger.sees("webbläsare").pictured("wrong-browser")
    stranger.page.goto(person.world.mittprezero)
    expect(stranger["to-prezero"]).to_be_visible()
    expect(person["bankid-failure-text"]).to_contain_text("öppnade en annan webbläsare")
    expect(person["bankid-start"]).to_have_text("Använd BankID på en annan enhet")
    person["bankid-start"].click()
    person.identify_by_qr().sees("Hej, Johan Johansson!")


def _answers_to(page: Page, world: RunningWorld) -> list[Request]:
    """The authorization responses that the page carries to MinaSidor, as they come."""
    found: list[Request] = []

    def note(request: Request) -> None:
        if request.url.startswith(f"{world.minasidor}/callback"):
            found.append(request)

    page.on("request", note)
    return found


def _close(context: BrowserContext, path: Path, keeps_session_cookies: bool) -> dict[str, object]:
    """Close the browser and return what the next one starts with."""
    state = context.storage_state(path=path)
    context.close()
    kept = [cookie for cookie in state["cookies"] if keeps_session_cookies or cookie["expires"] > 0]
    return {"cookies": kept, "origins": state["origins"]}
