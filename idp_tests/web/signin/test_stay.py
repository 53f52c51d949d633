import re

from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA


def at_a_form(provider: Provider) -> Browser:
    return provider.browser().authorize().identify(ANNA).link()


def stay(browser: Browser) -> int:
    """Press "Ja, fortsätt" as the page's script does; seconds until the login ends, 0 when it has ended."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token is not None
    form = {"csrf_token": token[1]}
    answer = browser.client.post(f"{browser.base}/stay", data=form, base_url="https://id.example")
    return int(answer.get_json()["seconds_left"]) if answer.status_code == 200 else 0


def test_a_form_says_how_long_its_login_waits(provider: Provider) -> None:
    assert 'data-seconds="1800"' in at_a_form(provider).page


def test_a_form_that_comes_back_with_errors_has_its_whole_time_again(provider: Provider) -> None:
    browser = at_a_form(provider)
    provider.clock.advance(minutes=20)
    assert 'data-seconds="1800"' in browser.register(phone="12").page


def test_a_person_may_say_ten_times_that_more_time_is_needed(provider: Provider) -> None:
    browser = at_a_form(provider)
    for _ in range(10):
        provider.clock.advance(minutes=29)
        assert stay(browser) == 1800
    provider.clock.advance(minutes=29)
    assert browser.register().step == "again"


def test_a_login_that_has_ended_cannot_be_stayed_in(provider: Provider) -> None:
    browser = at_a_form(provider)
    provider.clock.advance(minutes=31)
    assert stay(browser) == 0


def test_staying_needs_the_forms_token(provider: Provider) -> None:
    browser = at_a_form(provider)
    assert (
        browser.client.post(f"{browser.base}/stay", data={"x": "1"}, base_url="https://id.example").status_code == 403
    )


@each("number, typed", [("10012345", 'value="070-174"'), ("99", 'value="99"')])
def test_the_other_language_keeps_what_was_typed(provider: Provider, number: str, typed: str) -> None:
    browser = provider.browser().authorize().identify(ANNA).link(number)
    tries = provider.scalar("SELECT count(*) FROM budgets")
    action = f"/{browser.step}"
    browser.page = browser.page.replace(f'{action}" novalidate', f'{action}?lang=en" novalidate')
    fields = {"phone": "070-174", "customer_number": "99", "last_four": "0"}
    browser.submit(f"{action}?lang=en", switch="language", **fields)
    assert browser.status == 200
    assert '<html lang="en">' in browser.page
    assert typed in browser.page
    assert "error-summary" not in browser.page
    assert provider.scalar("SELECT count(*) FROM budgets") == tries
