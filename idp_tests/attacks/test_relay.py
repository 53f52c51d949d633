"""A code that an attacker shows to a victim: what the victim reads in the app, and how little the code is worth elsewhere."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from idp.core.identification.bankid.api import Failed
from idp_tests.browser import Browser
from idp_tests.cases import each
from idp_tests.provider import Provider
from idp_tests.relying_party import press_continue
from idp_tests.scripted_bankid import ANNA

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
SERVICES = {"minasidor": "MinaSidor", "mittprezero": "MittPreZero", "partner": "Partnern"}
WARNINGS: Mapping[str, tuple[str, str]] = {
    "sv": ("hos PreZero", "Avbryt om någon annan har bett dig logga in"),
    "en": ("at PreZero", "Cancel if someone else asked you to log in"),
}


@each("client_id", list(SERVICES))
@each("language", list(WARNINGS))
def test_a_victim_reads_whose_login_it_is_and_a_warning(provider: Provider, client_id: str, language: str) -> None:
    """In the language of the login, for every service, whichever way the order starts."""
    for launch in ("qr", "same_device"):
        browser = provider.browser(**{"User-Agent": IPHONE}).authorize(client_id, ui_locales=language)
        browser.start(launch)
        text = provider.bankid.requests[-1].user_visible_data
        assert SERVICES[client_id] in text
        for words in WARNINGS[language]:
            assert words in text


def test_bankid_is_asked_for_its_judgement_of_every_order(provider: Provider) -> None:
    for launch in ("qr", "same_device"):
        provider.browser().authorize().start(launch)
        asked = provider.bankid.requests[-1]
        assert asked.return_risk
        assert asked.web is not None
        assert asked.web.referring_domain == "id.example"


def test_a_code_is_shown_to_nobody_but_the_browser_that_asked_for_it(provider: Provider) -> None:
    browser, stranger = provider.browser().authorize().start(), provider.browser().authorize()
    provider.clock.advance(seconds=1)
    assert "bankid.67df3917" in browser.look()["qr"]
    for ending in ("/bankid", "/bankid/status", "/bankid/qr.svg", ""):
        stranger.get(f"{browser.base}{ending}")
        assert stranger.status in {400, 404}
        assert "67df3917" not in stranger.page


def test_after_three_minutes_no_code_is_shown_until_somebody_presses_the_button(provider: Provider) -> None:
    """An unattended page would else feed an attacker for as long as he talks."""
    browser = provider.browser().authorize().start()
    frames = 0
    for _ in range(60):
        frames += "qr" in browser.look()
        provider.clock.advance(seconds=5)
        if provider.bankid.answers and provider.clock().second % 30 == 0:
            provider.bankid.tell(Failed("startFailed"))
        provider.collect()
    assert 20 < frames <= 42
    shown = browser.look()
    assert (shown["state"], "qr" in shown, "start" in shown) == ("paused", False, True)
    orders = len(provider.bankid.requests)
    browser.get(f"{browser.base}/bankid").start()
    assert len(provider.bankid.requests) == orders + 1
    assert "qr" in browser.look()


def _return_path(provider: Provider) -> str:
    address = provider.bankid.requests[-1].return_url
    assert address is not None
    return address.removeprefix("https://id.example")


def _approved(browser: Browser) -> None:
    browser.provider.clock.advance(seconds=3)
    browser.provider.bankid.approve(ANNA)
    browser.provider.collect()


@pytest.mark.each_database
def test_a_return_counts_for_its_own_order_and_once(provider: Provider) -> None:
    """What the app opened before proves nothing about the next order of the same login."""
    browser = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    first = _return_path(provider)
    browser.get(first)
    browser.get(f"{browser.base}/bankid").submit("/bankid/cancel")
    browser.get(f"{browser.base}/bankid").start("same_device")
    assert _return_path(provider) != first
    _approved(browser)
    browser.get(first).get(browser.base)
    assert browser.step == "bankid"
    assert provider.scalar("SELECT count(*) FROM authentications") == 0
    for _ in range(2):
        browser.get(_return_path(provider)).get(browser.base)
        assert browser.step == "link"
    assert provider.scalar("SELECT count(*) FROM authentications") == 1


def test_a_return_proves_nothing_about_an_order_for_a_code(provider: Provider) -> None:
    """A way back of another order, and one that was made up, beside an order that has none."""
    browser = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    other = _return_path(provider)
    browser.get(f"{browser.base}/bankid").start("qr")
    assert provider.bankid.requests[-1].return_url is None
    for path in (other, f"{browser.base}/bankid/back?n=", f"{browser.base}/bankid/back"):
        browser.get(path)
    assert provider.scalar("SELECT count(*) FROM bankid_orders WHERE returned_at IS NOT NULL") == 0
    _approved(browser)
    assert browser.get(browser.base).step == "link"


@pytest.mark.each_database
def test_two_tabs_end_each_at_its_own_service(provider: Provider) -> None:
    """The approval of one tab's order finishes that tab's request; the other one is answered only when it is asked."""
    provider.browser().first_login()
    browser = provider.browser().authorize("minasidor", state="one").start()
    first = browser.base
    second = browser.authorize("mittprezero", state="two").start().base
    assert first != second
    _approved(browser)
    granted = provider.scalar("SELECT count(*) FROM grants")
    browser.get(second)
    assert browser.left_to is None or browser.answer["state"] == "two"
    assert provider.scalar("SELECT count(*) FROM grants") == granted + 1
    press_continue(browser)
    assert (browser.answer["state"], urlsplit(str(browser.left_to)).netloc) == ("two", "app.example")
    browser.get(first)
    assert (browser.answer["state"], urlsplit(str(browser.left_to)).netloc) == ("one", "minasidor.example")
    assert provider.scalar("SELECT count(*) FROM grants") == granted + 2


def test_the_return_to_a_victims_browser_is_written_down(provider: Provider) -> None:
    provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    provider.browser(**{"User-Agent": IPHONE}).get(_return_path(provider))
    assert provider.scalar("SELECT count(*) FROM audit WHERE event = 'bankid.fixation_suspected'") == 1


@pytest.mark.each_database
def test_what_was_approved_after_it_was_cancelled_logs_nobody_in(provider: Provider) -> None:
    browser = provider.browser().authorize().start()
    browser.get(f"{browser.base}/bankid").submit("/bankid/cancel")
    _approved(browser)
    browser.get(browser.base).get(f"{browser.base}/bankid")
    assert browser.left_to is None
    assert provider.scalar("SELECT count(*) FROM authentications") == 0
