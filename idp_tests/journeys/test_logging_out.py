"""Logging out: who is asked first, who is told, and what the pages say afterwards."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from idp_tests.journeys.person import Person
from idp_tests.journeys.pictures import Camera
from idp_tests.journeys.world import RunningWorld
from idp_tests.patience import soon

pytestmark = pytest.mark.browser


def test_minasidor_logs_out_without_a_question_and_bankid_is_needed_again(
    at_computer: Callable[..., Person], known: str
) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    person["logout"].click()
    person.page.wait_for_url(f"{person.world.minasidor}/logged-out*")
    person.sees("Du är utloggad").pictured("minasidor-logged-out")
    person.log_in_at_minasidor().sees("Logga in på MinaSidor")
    person.frame()


def test_a_link_from_anywhere_asks_before_it_logs_out(at_computer: Callable[..., Person], known: str) -> None:
    person = at_computer(known)
    person.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    person.page.goto(f"{person.world.idp}/logout")
    person.sees("Vill du logga ut?").pictured("J-logout")
    expect(person.page.locator(".lead")).to_contain_text("MinaSidor")
    person["stay"].click()
    person.sees("Välkommen, Johan Johansson")
    person.page.goto(f"{person.world.idp}/logout")
    person["submit"].click()
    person.sees("Du är utloggad").pictured("K-logged-out")
    person.page.reload()
    person.sees("Du är utloggad")
    expect(person.page.locator("main .button:not(.button-second):visible")).to_have_count(1)
    person.page.goto(person.world.minasidor)
    expect(person["login"]).to_be_visible()


def test_minasidor_is_told_in_the_back_channel_wherever_the_session_is_open(
    at_computer: Callable[..., Person], open_browser: Callable[..., BrowserContext], known: str, camera: Camera
) -> None:
    """The other browser holds the same session at the provider, and its own login at MinaSidor with the same sid."""
    here = at_computer(known)
    here.page.context.route("**/frontchannel-logout**", lambda route: route.abort())
    here.log_in_at_minasidor().identify_by_qr().sees("Välkommen, Johan Johansson")
    cookies = [cookie for cookie in here.page.context.cookies() if str(cookie.get("name")).startswith("idp-")]
    elsewhere = open_browser()
    elsewhere.add_cookies(cookies)  # type: ignore[arg-type]  # what was read can be written
    there = Person(elsewhere.new_page(), here.world, known, camera)
    there.log_in_at_minasidor().sees("Välkommen, Johan Johansson")
    assert _sid(there) == _sid(here)
    here["logout"].click()
    here.sees("Du är utloggad")
    expect_logged_out_soon(there)
    assert "POST /backchannel-logout 200" in _portal_log(here.world)


def test_the_app_keeps_what_it_may_refresh_offline_until_it_logs_out_itself(
    at_computer: Callable[..., Person], known: str
) -> None:
    """Offline access outlives the browser's session (OpenID Connect Back-Channel Logout 2.7)."""
    person = at_computer(known)
    person.log_in_at_mittprezero().identify_by_qr().sees("Hej, Johan Johansson!")
    person.log_in_at_minasidor().sees("Välkommen, Johan Johansson")
    person["logout"].click()
    person.page.wait_for_url(f"{person.world.minasidor}/logged-out*")
    person.page.goto(person.world.mittprezero)
    person["refresh"].click()
    expect(person["renewals"]).to_have_attribute("data-renewals", "1")
    person["logout"].click()
    person.sees("Välkommen till MittPreZero")
    person.log_in_at_mittprezero().sees("Logga in på MittPreZero")
    person.frame()


def expect_logged_out_soon(person: Person) -> None:
    def is_logged_out() -> bool:
        person.page.goto(person.world.minasidor)
        return person["login"].is_visible()

    soon(is_logged_out, "MinaSidor is told")


def _sid(person: Person) -> str:
    person["login-details"].click()
    return person.page.locator("#id-token-claims [data-claim=sid]").inner_text()


def _portal_log(world: RunningWorld) -> str:
    return (world.data / "logs" / "minasidor.log").read_text(encoding="utf-8")
