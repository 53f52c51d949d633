import re

from idp_tests.provider import Provider


def test_another_browser_cannot_open_the_pages_of_this_one(provider: Provider) -> None:
    mine = provider.browser().authorize()
    other = provider.browser().authorize()
    other.get(f"{mine.base}/bankid")
    assert other.status == 400
    assert "Vi hittar inte din inloggning" in other.page


def test_an_interaction_that_waited_too_long_says_so(provider: Provider) -> None:
    browser = provider.browser().authorize()
    provider.clock.advance(minutes=31)
    browser.get(f"{browser.base}/bankid")
    assert browser.status == 400
    assert "Det tog för lång tid" in browser.page
    assert re.search(r'id="error-code"[^>]*>\s*[2-9A-Z]{8}\s*<', browser.page)
