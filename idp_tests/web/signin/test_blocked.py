import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.accounts.block import Blocked
from idp_tests.browser import Browser
from idp_tests.provider import Provider


@pytest.fixture
def anna(provider: Provider) -> Browser:
    """Somebody with an account and a live session."""
    return provider.browser().first_login()


def block(provider: Provider) -> None:
    person_id = str(provider.scalar("SELECT id FROM people"))
    with unit_of_work(provider.app):
        blocked = provider.parts.accounts.block(person_id, provider.clock(), operator="eva", reason="phone")
    assert isinstance(blocked, Blocked)


@pytest.mark.parametrize("client_id", ["minasidor", "mittprezero", "partner"])
def test_a_blocked_account_gets_in_nowhere_with_bankid(anna: Browser, provider: Provider, client_id: str) -> None:
    block(provider)
    browser = provider.browser().authorize(client_id).identify()
    assert browser.status == 403
    assert "Kontot är avstängt" in browser.page
    assert provider.scalar("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == 0
    assert browser.get(browser.base).step == "bankid"


@pytest.mark.each_database
def test_the_session_of_a_blocked_account_answers_nobody(anna: Browser, provider: Provider) -> None:
    assert "code" in anna.get("/").authorize().answer
    block(provider)
    assert anna.get("/").authorize().step == "bankid"
    assert anna.get("/").authorize(prompt="none").answer["error"] == "login_required"


def test_an_account_that_is_blocked_between_two_pages_stops_there(provider: Provider) -> None:
    browser = provider.browser().authorize().identify().link().register()
    assert browser.step == "again"
    block(provider)
    assert browser.get(browser.base).status == 403
    assert "Kontot är avstängt" in browser.page
