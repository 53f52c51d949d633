import pytest

from idp_tests.provider import Provider


def test_pages_that_are_not_next_lead_to_the_one_that_is(provider: Provider) -> None:
    browser = provider.browser().authorize()
    for page in ("link", "register", "again", "choose", "consent", "return_to_app"):
        browser.get(f"{browser.base}/{page}")
        assert browser.step == "bankid"


@pytest.mark.each_database
def test_a_code_comes_once_and_the_same_on_reload(provider: Provider) -> None:
    browser = provider.browser().first_login()
    first = browser.answer["code"]
    browser.get(browser.base)
    assert browser.answer["code"] == first
    provider.clock.advance(seconds=11)
    browser.get(browser.base)
    assert browser.left_to is None
    assert "Du är redan inloggad" in browser.page
