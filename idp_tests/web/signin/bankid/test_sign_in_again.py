import pytest

from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA, BO

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
COMPUTER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


def test_another_persons_bankid_cannot_finish_the_registration(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(seconds=5)
    browser.identify(BO)
    assert browser.step.startswith("again")
    assert "Det här är inte samma BankID" in browser.page
    browser.identify(ANNA)
    assert "code" in browser.answer


def test_the_person_may_come_back_in_another_browser_after_registering(provider: Provider) -> None:
    provider.browser().authorize().identify(ANNA).link().register()
    provider.clock.advance(minutes=1)
    assert "code" in provider.browser().authorize().identify(ANNA).answer


@pytest.mark.parametrize(("agent", "alone"), [(ANDROID, "true"), (COMPUTER, "false")], ids=["a phone", "a computer"])
def test_a_phone_logs_in_again_with_one_tap_and_a_computer_waits_for_a_press(
    provider: Provider, agent: str, alone: str
) -> None:
    """On a phone the link to the app is the press; on a computer a code would appear before anybody has read why."""
    browser = provider.browser(**{"User-Agent": agent}).authorize().identify(ANNA).link().register()
    assert browser.step == "again"
    assert f'data-auto-start="{alone}"' in browser.page
