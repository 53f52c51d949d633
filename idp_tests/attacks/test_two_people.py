"""Two people, one browser: whatever cookies the first one leaves behind, the second one's tokens are the second one's."""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations

import pytest

from idp_tests.browser import Browser
from idp_tests.provider import Provider
from idp_tests.relying_party import RelyingParty, change
from idp_tests.scripted_bankid import ANNA, BO


def _cookies(browser: Browser) -> list[tuple[str, str]]:
    return [(one.key, one.value) for one in browser.client._cookies.values()]  # type: ignore[union-attr]


def _some_left(cookies: list[str]) -> Iterator[tuple[str, ...]]:
    """Every choice of cookies that a browser, its owner or a cleaning program may have left."""
    return chain.from_iterable(combinations(cookies, count) for count in range(len(cookies) + 1))


def _with(provider: Provider, cookies: Mapping[str, str]) -> Browser:
    browser = provider.browser()
    for name, value in cookies.items():
        browser.client.set_cookie(name, value, domain="id.example", secure=True)
    return browser


@pytest.mark.parametrize("way", ["again", "the first one's page", "a silent request in between"])
def test_no_cookie_of_the_first_person_is_in_the_second_ones_tokens(provider: Provider, way: str) -> None:
    provider.browser().first_login(user=BO)
    first = provider.browser().first_login(user=ANNA)
    rp = RelyingParty(provider)
    annas = rp.read(first.redeem().get_json()["id_token"]).members
    names = [name for name, _ in _cookies(first)]
    assert len(names) >= 4
    sids = {annas["sid"]}
    for left in _some_left(names):
        provider.clock.advance(seconds=1)
        cookies = {name: value for name, value in _cookies(first) if name in left}
        browser = _with(provider, cookies)
        if way == "the first one's page":
            browser.get(first.base)
        elif way == "a silent request in between":
            browser.authorize(prompt="none")
        browser.authorize(prompt="login").identify(BO)
        bos = rp.read(browser.redeem().get_json()["id_token"]).members
        assert bos["sub"] != annas["sub"], cookies
        assert bos["sid"] not in sids, cookies
        sids.add(bos["sid"])
        first = _logged_in_anew(first)
        sids.add(rp.read(first.redeem().get_json()["id_token"]).members["sid"])


def _logged_in_anew(first: Browser) -> Browser:
    """Anna comes back, so that there is a session to be confused with."""
    first.provider.clock.advance(seconds=1)
    return first.authorize(prompt="login").identify(ANNA)


def test_the_cookie_from_before_a_registration_is_dead_after_it(provider: Provider) -> None:
    """A session from the time when the service needed no company is not the one that the account is used in."""
    change(provider, "minasidor", require_customer_link=False)
    browser = provider.browser().authorize().identify(ANNA)
    before = _sessions(browser)
    assert "code" in _with(provider, before).authorize(prompt="none").answer
    change(provider, "minasidor", require_customer_link=True)
    browser.authorize().link("10012346", "7569").register()
    assert _with(provider, before).authorize(prompt="none").answer["error"] == "login_required"
    provider.clock.advance(seconds=5)
    assert "code" in browser.identify(ANNA).answer
    assert set(_sessions(browser).values()).isdisjoint(before.values())
    assert _with(provider, before).authorize(prompt="none").answer["error"] == "login_required"


def _sessions(browser: Browser) -> dict[str, str]:
    return {name: value for name, value in _cookies(browser) if "session" in name}
