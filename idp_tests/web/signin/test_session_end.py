import pytest

from idp_tests.provider import Provider
from idp_tests.scripted_bankid import BO


def waiting_calls(provider: Provider) -> int:
    return int(provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'"))


@pytest.mark.each_database
def test_services_hear_that_their_person_has_gone_when_another_logs_in_on_the_same_browser(provider: Provider) -> None:
    browser = provider.browser().first_login()
    assert waiting_calls(provider) == 0
    browser.get("/").authorize(prompt="login").identify(BO)
    assert browser.step == "link"
    assert waiting_calls(provider) == 0
    browser.link("10012346", "7569").register(email="bo@example.se").identify(BO)
    assert "code" in browser.answer
    assert waiting_calls(provider) == 1


def test_the_same_person_who_logs_in_again_stays_logged_in_everywhere(provider: Provider) -> None:
    browser = provider.browser().first_login()
    browser.get("/").authorize(prompt="login").identify()
    assert "code" in browser.answer
    assert waiting_calls(provider) == 0
