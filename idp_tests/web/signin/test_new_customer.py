"""A person with a company links another at any time, and takes a wrong one back."""

import re

import pytest

from idp_tests.browser import Browser
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import BO
from idp_tests.web.signin.test_choose_customer import customer_number, option

FIRST, SECOND = "Exempelbolaget AB", "Andra bolaget AB"
SCOPE = "openid customer"


def later(provider: Provider, client: str = "minasidor", **wish: str) -> Browser:
    """Anna is back the next day, with what the client wishes."""
    browser = provider.browser().first_login()
    provider.clock.advance(days=1)
    return browser.get("/").authorize(client, scope=SCOPE, **wish).identify()


def link_second(browser: Browser) -> Browser:
    return browser.link("10012346", "7569")


def links(provider: Provider) -> int:
    return int(provider.scalar("SELECT count(*) FROM links WHERE ended_at IS NULL"))


def press(browser: Browser, button: str, **fields: str) -> Browser:
    return browser.submit(f"/new_customer/{button}", **fields)


@pytest.mark.each_database
def test_a_client_asks_for_one_more_company_which_is_then_the_one_that_is_offered(provider: Provider) -> None:
    browser = later(provider, customer="new")
    assert browser.step == "link"
    assert "Koppla ett annat företag" in browser.page
    assert f"Du har redan tillgång till {FIRST}" in browser.page
    link_second(browser)
    assert browser.step == "choose"
    chosen = re.search(r'value="([^"]+)" checked', browser.page)
    assert chosen is not None
    assert chosen[1] == option(browser, SECOND)
    browser.submit("/choose", customer=chosen[1])
    assert customer_number(browser) == "10012346"
    assert links(provider) == 2


def test_who_needs_no_other_company_goes_on_with_the_first(provider: Provider) -> None:
    browser = press(later(provider, customer="new"), "decline")
    assert customer_number(browser) == "10012345"


def test_with_select_account_one_company_is_shown_and_another_can_be_linked(provider: Provider) -> None:
    browser = later(provider, prompt="select_account")
    assert browser.step == "choose"
    assert FIRST in browser.page
    press(browser, "ask")
    assert browser.step == "link"
    link_second(browser).submit("/choose", customer=option(browser, SECOND))
    assert customer_number(browser) == "10012346"


def test_with_select_account_the_only_company_is_chosen_by_one_press(provider: Provider) -> None:
    browser = later(provider, prompt="select_account")
    chosen = re.search(r'value="([^"]+)" checked', browser.page)
    assert chosen is not None
    browser.submit("/choose", customer=chosen[1])
    assert customer_number(browser) == "10012345"


def test_a_company_is_linked_by_who_has_just_identified_and_not_by_whoever_sits_before_a_session(
    provider: Provider,
) -> None:
    browser = provider.browser().first_login()
    provider.clock.advance(minutes=20)
    browser.get("/").authorize(scope=SCOPE, customer="new")
    assert browser.step == "bankid"
    assert browser.identify().step == "link"
    provider.clock.advance(minutes=15)
    assert link_second(browser).step == "choose", "who filled in the form slowly has identified for it"


def test_a_silent_request_does_not_ask_for_a_company(provider: Provider) -> None:
    browser = provider.browser().first_login()
    provider.clock.advance(seconds=5)
    browser.get("/").authorize(prompt="none", customer="new")
    assert browser.answer["error"] == "interaction_required"


def test_a_first_login_with_that_wish_links_one_company_and_asks_for_no_other(provider: Provider) -> None:
    assert "code" in provider.browser().first_login(customer="new").answer


def test_the_same_company_again_is_no_other_and_goes_on(provider: Provider) -> None:
    browser = later(provider, customer="new").link()
    assert customer_number(browser) == "10012345"
    assert links(provider) == 1


@pytest.mark.each_database
def test_a_wrong_company_is_taken_back_and_the_right_one_asked_for(provider: Provider) -> None:
    browser = link_second(later(provider, customer="new"))
    wrong = option(browser, SECOND)
    press(browser, "take_back")
    assert browser.step == "link"
    assert links(provider) == 1
    assert provider.scalar(f"SELECT end_reason FROM links WHERE customer_id = '{wrong}'") == "left"
    browser.link("10012347", "7569")
    assert browser.status == 422, "a wrong try is told as ever"
    link_second(browser)
    assert browser.step == "choose"
    assert links(provider) == 2


def test_what_was_linked_long_before_is_not_taken_back_here(provider: Provider) -> None:
    browser = link_second(later(provider, customer="new"))
    old, csrf = option(browser, FIRST), _csrf(browser)
    assert f"Ta bort {FIRST}" not in browser.page
    browser.post(f"{browser.base}/new_customer/take_back", csrf_token=csrf, customer=old)
    assert links(provider) == 2


def test_who_registered_with_the_wrong_company_takes_it_back_on_the_page_of_consent(provider: Provider) -> None:
    browser = provider.browser().authorize(scope="openid email customer", prompt="consent").identify()
    link_second(browser).register()
    provider.clock.advance(seconds=5)
    browser.identify()
    assert browser.step == "consent"
    assert SECOND in browser.page
    press(browser, "take_back")
    assert browser.step == "link"
    assert browser.link().step == "consent"
    assert FIRST in browser.page
    assert links(provider) == 1


def test_who_sees_at_the_service_that_the_company_is_wrong_takes_it_back_for_an_hour(provider: Provider) -> None:
    browser = provider.browser().first_login()
    provider.clock.advance(minutes=5)
    press(browser.get("/").authorize(prompt="select_account", scope=SCOPE), "take_back")
    assert browser.step == "bankid", "a session that gave tokens for the company is over"
    assert browser.identify().step == "link"
    assert links(provider) == 0
    link_second(browser).submit("/choose", customer=option(browser, SECOND))
    assert customer_number(browser) == "10012346"
    provider.clock.advance(minutes=61)
    browser.get("/").authorize(prompt="select_account", scope=SCOPE)
    assert "Blev det fel företag?" not in browser.page


def test_of_two_tabs_the_second_press_finds_what_the_first_did(provider: Provider) -> None:
    browser = link_second(later(provider, customer="new"))
    page, path = browser.page, browser.path
    press(browser, "take_back")
    browser.page, browser.path = page, path
    press(browser, "take_back")
    assert browser.step == "link"
    assert links(provider) == 1
    assert provider.scalar("SELECT count(*) FROM audit WHERE event = 'link.left'") == 1


def test_out_of_turn_the_buttons_do_nothing(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(BO)
    csrf = _csrf(browser)
    for button in ("ask", "decline", "take_back"):
        browser.post(f"{browser.base}/new_customer/{button}", csrf_token=csrf, customer="x")
        assert browser.step == "link"
    assert provider.scalar("SELECT count(*) FROM interactions WHERE passed IS NOT NULL AND passed <> 'null'") == 0


def test_tokens_for_a_company_that_was_taken_back_end(provider: Provider) -> None:
    browser = link_second(later(provider, customer="new"))
    wrong, page, path = option(browser, SECOND), browser.page, browser.path
    tab = provider.browser()
    tab.client = browser.client
    tab.authorize(scope=SCOPE).submit("/choose", customer=wrong)
    token = tab.redeem().get_json()["access_token"]
    browser.page, browser.path = page, path
    press(browser, "take_back")
    headers = {"Authorization": f"Bearer {token}"}
    assert browser.client.get("/userinfo", headers=headers, base_url="https://id.example").status_code == 401


def _csrf(browser: Browser) -> str:
    return browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
