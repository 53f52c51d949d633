"""Whoever gets a victim to open his start link, or holds a piece of the victim's browser, is not logged in as the victim."""

from urllib.parse import urlsplit

from idp_tests.provider import ANNA, Browser, Provider

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
    assert browser.look()["state"] == "pending"
    browser.get(browser.base)
    browser.get(_return_path(provider))
    assert browser.step == "link"
