"""No page is a dead end: whoever lost a login is shown where another begins."""

import pytest

from idp_tests.provider import ANNA, BO, Browser, Provider

START_OVER = 'id="restart" href="https://minasidor.example/login?iss=https%3A%2F%2Fid.example"'
BACK = 'href="https://minasidor.example/"'


def forget_cookies(browser: Browser) -> Browser:
    browser.client = browser.provider.app.test_client()
    return browser


def test_a_login_that_waited_too_long_can_begin_anew(provider: Provider) -> None:
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


def test_a_login_that_nobody_knows_says_in_words_where_to_go(provider: Provider) -> None:
    browser = provider.browser().get("/signin/unknown/bankid")
    assert "Gå tillbaka till MinaSidor eller MittPreZero och tryck på Logga in igen." in browser.page
    assert 'id="restart"' not in browser.page


@pytest.mark.parametrize("form", ["/bankid/start", "/bankid/cancel"])
def test_a_form_sent_without_its_cookies_has_lost_its_login_and_can_begin_anew(provider: Provider, form: str) -> None:
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
