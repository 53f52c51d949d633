"""Guessing the four digits of a company costs tries, however the guesses are dressed."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp_tests.provider import ANNA, BO, Browser, Provider


def _guess(browser: Browser, number: str, digits: str) -> int:
    """One try from the page with the two fields; returns the answer's status."""
    return browser.get(f"{browser.base}/link").link(number, digits).status


def test_a_right_pair_between_wrong_ones_buys_no_new_tries(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    for digits in ("0001", "0002", "0003", "0004"):
        assert _guess(browser, "10012346", digits) == 422
    browser.link("10012345", "0680")
    assert browser.step == "register"
    assert _guess(browser, "10012399", "0005") == 429
    assert provider.scalar("SELECT max(spent) FROM budgets") == 5
    assert _guess(browser, "10012345", "0680") == 429


SPELLINGS = (
    "10012346",
    " 1001 2346 ",
    "１００１２３４６",
    "1001-2346",
    "Kundnr: 10012346",
    "10.01.23.46",
    "10\u00a001\u200b2346",
)


def test_a_number_in_other_spellings_is_the_same_number(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    assert {_guess(browser, spelling, "0001") for spelling in SPELLINGS} == {422}
    assert provider.scalar("SELECT count(*) FROM budgets") == 3, "the pair, the person, the number"
    assert provider.scalar("SELECT max(spent) FROM budgets") == 1


def test_a_whole_organisation_number_is_no_second_pair(provider: Provider) -> None:
    """Ten digits with the same last four are the same guess."""
    browser = provider.browser().authorize().identify(ANNA)
    for digits in ("7485", "556703-7485", "5567037485", "165567037485"):
        assert _guess(browser, "10012346", digits) == 422
    assert provider.scalar("SELECT max(spent) FROM budgets") == 1


def test_tries_follow_the_person_into_other_browsers_and_apps(provider: Provider) -> None:
    numbers = itertools.count(1)
    statuses = []
    for client_id in ("minasidor", "mittprezero", "minasidor"):
        browser = provider.browser().authorize(client_id).identify(ANNA)
        statuses += [_guess(browser, f"9000{next(numbers):04}", "0001") for _ in range(3)]
    assert statuses == [422] * 4 + [429] * 5
    assert provider.scalar("SELECT max(spent) FROM budgets") == 5


def test_tries_follow_the_company_no_matter_who_guesses(provider: Provider) -> None:
    anna = provider.browser().authorize().identify(ANNA)
    bo = provider.browser().authorize().identify(BO)
    statuses = [_guess(anna, "10012346", f"000{digit}") for digit in range(3)]
    statuses += [_guess(bo, "10012346", f"000{digit}") for digit in range(3, 7)]
    assert statuses == [422] * 5 + [429] * 2


def test_a_pause_tells_nothing_about_a_company(provider: Provider) -> None:
    """A number that nobody has is paused like one that exists, also for the right digits."""
    pages = []
    for number, right, user in (("10012346", "7569", ANNA), ("99999999", "7569", BO)):
        browser = provider.browser().authorize().identify(user)
        for digit in range(5):
            _guess(browser, number, f"000{digit}")
        assert _guess(browser, number, right) == 429
        pages.append(browser.page)
    known, unknown = (page.split("<main")[1].split("error-code")[0] for page in pages)
    assert known == unknown


@pytest.mark.each_database
def test_guesses_at_once_in_many_tabs_are_counted_one_by_one(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def guess(number: int) -> int:
        with provider.app.test_client() as client:
            for cookie in (browser.client._cookies or {}).values():
                client.set_cookie(cookie.key, cookie.value, domain="id.example", secure=True)
            form = {"csrf_token": token, "customer_number": f"9000{number:04}", "last_four": "0001"}
            return client.post(
                f"{browser.base}/link", data=form, headers=browser.headers, base_url="https://id.example"
            ).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(guess, range(20)))
    assert statuses == [422] * 4 + [429] * 16
    assert provider.scalar("SELECT max(spent) FROM budgets") == 5
