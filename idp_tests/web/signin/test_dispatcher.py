import pytest

from idp_tests.browser import Browser
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


@pytest.mark.parametrize(("asked", "reason"), [({"prompt": "login"}, "prompt_login"), ({"max_age": "0"}, "max_age")])
def test_why_somebody_who_is_logged_in_was_asked_for_bankid_is_in_the_audit_log(
    provider: Provider, asked: dict[str, str], reason: str
) -> None:
    browser = provider.browser().first_login()
    provider.clock.advance(seconds=1)
    browser.authorize(**asked).start()
    assert _reasons(provider, browser) == {"login.step_required": reason, "bankid.wanted": reason}


def test_why_a_stranger_was_asked_for_bankid_is_written_down_once_an_order_is_wanted(provider: Provider) -> None:
    browser = provider.browser().authorize()
    assert _reasons(provider, browser) == {}
    assert _reasons(provider, browser.start()) == {"bankid.wanted": "no_session"}


def _reasons(provider: Provider, browser: Browser) -> dict[str, str]:
    login = browser.base.rpartition("/")[2]
    with provider.parts.database.unit_of_work():
        told = provider.parts.store.audit.of_interaction(login, provider.clock())
    return {event.name: event.facts["reason"] for event in told if "reason" in event.facts}
