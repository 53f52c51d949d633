"""An attacker who gets a victim to open his start link, or holds a piece of the victim's browser, is not logged in as the victim."""

from urllib.parse import urlsplit

import pytest

from idp_tests.browser import Browser
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


def _approved_by_a_victim(provider: Provider) -> Browser:
    """An attacker in the victim's own network, who got the victim to open the start link and approve."""
    attacker = provider.browser(**{"User-Agent": IPHONE}).authorize().start("same_device")
    provider.clock.advance(seconds=3)
    provider.bankid.approve(ANNA)
    provider.collect()
    return attacker


def _return_path(provider: Provider) -> str:
    returned = urlsplit(provider.bankid.requests[-1].return_url or "")
    return f"{returned.path}?{returned.query}"


def test_an_order_with_a_way_back_logs_nobody_in_who_does_not_come_back(provider: Provider) -> None:
    attacker = _approved_by_a_victim(provider)
    for _ in range(5):
        attacker.look()
        attacker.get(attacker.base)
        provider.clock.advance(seconds=2)
    assert attacker.step == "bankid"
    assert provider.scalar("SELECT count(*) FROM authentications") == 0
    assert provider.scalar("SELECT count(*) FROM sessions") == 0


def test_the_victims_own_return_ends_the_order_that_waits(provider: Provider) -> None:
    attacker = _approved_by_a_victim(provider)
    attacker.get(attacker.base)
    provider.browser(**{"User-Agent": IPHONE}).get(_return_path(provider))
    attacker.get(_return_path(provider)).get(attacker.base)
    assert attacker.step == "bankid"
    assert provider.scalar("SELECT count(*) FROM authentications") == 0


def test_a_page_that_asks_before_the_return_spoils_nothing(provider: Provider) -> None:
    browser = _approved_by_a_victim(provider)
    assert browser.look()["state"] == "returning"
    browser.get(browser.base)
    browser.get(_return_path(provider))
    assert browser.step == "link"


def _with_cookie_of(provider: Provider, victim: Browser, name: str) -> Browser:
    """A browser that holds one cookie of another, stolen or planted there."""
    thief = provider.browser()
    found = [cookie for cookie in (victim.client._cookies or {}).values() if name in cookie.key]
    assert len(found) == 1
    thief.client.set_cookie(found[0].key, found[0].value, domain="id.example", secure=True)
    return thief


@pytest.mark.parametrize("client_id", ["minasidor", "mittprezero"])
def test_the_cookie_from_before_the_login_does_not_fetch_its_answer(provider: Provider, client_id: str) -> None:
    """The attacker who planted that cookie knows the verifier, too: the code would be his login."""
    victim = provider.browser().first_login(client_id)
    base = victim.base
    if client_id == "minasidor":
        assert "code" in victim.answer
    thief = _with_cookie_of(provider, victim, "browser")
    for ending in ("", "/return_to_app", "/bankid/status", "/consent", "/register"):
        thief.get(f"{base}{ending}")
        assert thief.left_to is None
        assert "code=" not in thief.page
    assert victim.get(base).left_to or "code=" in victim.page, "the person's own reload gets the answer again"


def test_the_cookie_from_before_the_login_opens_no_page_after_it(provider: Provider) -> None:
    provider.browser().first_login("mittprezero")
    victim = provider.browser().authorize("partner", scope="openid email").identify(ANNA)
    assert victim.step == "consent"
    thief = _with_cookie_of(provider, victim, "browser")
    thief.get(f"{victim.base}/consent")
    assert thief.step == "bankid"
