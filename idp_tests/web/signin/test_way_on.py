"""No page is a dead end: a person who lost a login is shown where another begins."""

import re

import pytest

from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.provider import Provider
from idp_tests.relying_party import change
from idp_tests.scripted_bankid import ANNA, BO

START_OVER = 'id="restart" href="https://minasidor.example/login?iss=https%3A%2F%2Fid.example"'
BACK = 'href="https://minasidor.example/"'
OWN = [("https://minasidor.example/", "MinaSidor"), ("https://app.example/", "MittPreZero")]


def services_of(browser: Browser) -> list[tuple[str, str]]:
    shown = re.search(r'<div class="actions" id="services">(.*?)</div>', browser.page, re.DOTALL)
    return re.findall(r'href="([^"]+)">Till (\w+)<', shown[1]) if shown else []


def forget_cookies(browser: Browser) -> Browser:
    browser.client = browser.provider.app.test_client()
    return browser


def test_a_login_that_waited_too_long_can_begin_again(provider: Provider) -> None:
    browser = provider.browser().authorize()
    provider.clock.advance(minutes=31)
    browser.get(f"{browser.base}/bankid")
    assert "Det tog för lång tid" in browser.page
    assert START_OVER in browser.page
    assert BACK in browser.page


def test_a_login_in_another_browser_names_its_client_and_nothing_else(provider: Provider) -> None:
    mine = provider.browser().authorize(state="canary-state").identify().link()
    forget_cookies(mine).get(mine.base)
    assert "Vi hittar inte din inloggning" in mine.page
    assert START_OVER in mine.page
    assert BACK in mine.page
    for kept in ("canary-state", "Anna", "Exempelbolaget", "10012345"):
        assert kept not in mine.page


def test_a_login_that_nobody_knows_leads_to_our_own_services(provider: Provider) -> None:
    browser = provider.browser().get("/signin/unknown/bankid")
    assert services_of(browser) == OWN
    assert 'id="restart"' not in browser.page


DEAD_ENDS = {
    "an unknown address": "/nowhere",
    "an unknown client": "/authorize?client_id=nobody",
    "a request without a client": "/authorize",
    "a bookmarked login that is gone": "/signin/AAAAAAAAAAAAAAAAAAAAAA/register",
    "a letter's link that is over": "/confirm-email?proof=x",
    "a letter's link that was used": "/confirm-email?done=1",
    "a letter's link about a login that is over": "/not-me?proof=x",
    "a login that was disowned": "/not-me?case=K7Q2ABCD",
    "logging out without a login": "/logout",
    "logging out for nobody": "/logout?client_id=nobody",
    "the address alone": "/",
}


@each("path", DEAD_ENDS)
def test_a_page_that_nothing_leads_on_from_leads_to_our_own_services(provider: Provider, path: str) -> None:
    assert services_of(provider.browser(Accept="text/html").get(path)) == OWN


@each(
    "name, address", {"a button": "/bankid/start", "the way out": "/leave", "a step that is none": "/nowhere"}.items()
)
def test_an_address_of_a_login_that_shows_no_page_leads_on_in_that_login(
    provider: Provider, name: str, address: str
) -> None:
    browser = provider.browser(Accept="text/html").authorize()
    browser.get(browser.base + address)
    assert f'id="go-on" href="{browser.base}"' in browser.page, name
    assert browser.get(browser.base).step == "bankid"


def test_a_client_without_an_address_leads_to_our_own_services(provider: Provider) -> None:
    change(provider, "partner", client_uri=None)
    browser = provider.browser().authorize("partner")
    provider.clock.advance(minutes=31)
    assert services_of(browser.get(browser.base)) == OWN


def test_logging_out_with_an_address_that_is_not_registered_leads_back_to_the_client(provider: Provider) -> None:
    browser = provider.browser().get("/logout?client_id=minasidor&post_logout_redirect_uri=https://elsewhere.example/")
    assert browser.status == 400
    assert START_OVER in browser.page


def test_staying_logged_in_without_a_page_to_go_back_to_leads_home(provider: Provider) -> None:
    for client_id in ("minasidor", "mittprezero"):
        change(provider, client_id, client_uri=None)
    browser = provider.browser().first_login().get("/logout").submit("/logout/answer", answer="stay")
    assert (browser.path, browser.status) == ("/", 200)


@pytest.mark.parametrize("form", ["/bankid/start", "/bankid/cancel"])
def test_a_form_sent_without_its_cookies_has_lost_its_login_and_can_begin_again(provider: Provider, form: str) -> None:
    browser = forget_cookies(provider.browser().authorize()).submit(form)
    assert browser.status == 403
    assert "Vi hittar inte din inloggning" in browser.page
    assert START_OVER in browser.page


def test_a_forged_form_of_a_login_that_stands_is_refused_with_a_way_on(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.post(f"{browser.base}/leave", csrf_token="forged")
    assert browser.status == 403
    assert "Vi hittar inte" not in browser.page
    assert START_OVER in browser.page


def test_one_address_is_offered_once(provider: Provider) -> None:
    browser = provider.browser().authorize("partner")
    provider.clock.advance(minutes=31)
    browser.get(browser.base)
    assert browser.page.count('href="https://partner.example/"') == 1
    assert "Tillbaka till Partnern" in browser.page


def test_another_persons_bankid_leads_to_a_new_login(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(seconds=5)
    browser.identify(BO)
    assert 'id="start-over" href="https://minasidor.example/login?iss=https%3A%2F%2Fid.example"' in browser.page
    assert f'action="{browser.base}/leave"' not in browser.page


def test_a_login_that_was_left_leads_back_to_the_app(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.submit("/bankid/cancel").submit("/leave")
    browser.get(browser.base)
    assert 'id="continue" href="https://minasidor.example/login?iss=https%3A%2F%2Fid.example"' in browser.page
    assert 'id="back-to-app" href="https://minasidor.example/"' in browser.page


@pytest.mark.parametrize(("number", "phone"), [("10012345", "12"), ("1", "12")])
def test_a_form_with_errors_can_be_read_in_the_other_language(provider: Provider, number: str, phone: str) -> None:
    browser = provider.browser().authorize().identify(ANNA).link(number)
    if browser.step == "register":
        browser.register(phone=phone)
    assert browser.status == 422
    assert 'href="?lang=en"' in browser.page
    assert 'lang="en"' in browser.get(f"{browser.path}?lang=en").page


def test_an_address_that_shows_no_page_offers_none_in_the_other_language(provider: Provider) -> None:
    browser = provider.browser().authorize()
    browser.post(f"{browser.base}/leave", csrf_token="forged")
    assert "?lang=" not in browser.page
