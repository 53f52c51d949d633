"""Guessing the digits of a company costs tries, however the guesses are dressed, and never takes the way in from others."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.core.customer_register.facts import NumberState
from idp.core.identification.bankid.api import User
from idp.core.people.digits import passes_luhn
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.customer_register import a_registered_customer, fill_register
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO

SERIALS = itertools.count(1)


@pytest.fixture
def guessed(provider: Provider) -> Iterator[Provider]:
    """With few whole numbers to a company, so that a few people can use them up."""
    limits = {"company_whole_numbers_per_year": 4, "person_per_year": 3, "person_at_company_per_month": 2}
    with restarted(provider, linking=limits) as changed:
        yield changed


def _guess(browser: Browser, number: str, digits: str) -> int:
    """One try from the page with the two fields; returns the answer's status."""
    return browser.get(f"{browser.base}/link").link(number, digits).status


def _guess_whole(browser: Browser, number: str) -> int:
    """A wrong whole organisation number, never the same."""
    return _guess(browser, number, an_organisation_number(next(SERIALS)))


def _asks_whole_number(browser: Browser) -> bool:
    return "De fyra sista siffrorna räcker inte den här gången" in browser.page


def _newcomer(provider: Provider, serial: int) -> Browser:
    """Somebody with a BankID whom nobody has seen before."""
    nine = f"800101{serial:03}"
    number = next(f"19{nine}{check}" for check in range(10) if passes_luhn(f"{nine}{check}"))
    user = User(personal_number=number, name=f"Olle Okänd{serial}", given_name="Olle", surname=f"Okänd{serial}")
    return provider.browser().authorize().identify(user)


def test_a_right_pair_between_wrong_ones_buys_no_new_tries(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    for digits in ("0001", "0002"):
        assert _guess(browser, "10012346", digits) == 422
    browser.link("10012345", "0680")
    assert browser.step == "register"
    for digits in ("0003", "0004"):
        _guess(browser, "10012346", digits)
    assert _asks_whole_number(browser)
    assert provider.scalar("SELECT max(spent) FROM budgets") == 3


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
    assert provider.scalar("SELECT max(spent) FROM budgets") == 1


def test_a_whole_organisation_number_in_other_spellings_is_the_same_guess(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    for digits in ("556703-7485", "5567037485", "165567037485", "SE556703748501"):
        assert _guess(browser, "10012346", digits) == 422
    assert provider.scalar("SELECT max(spent) FROM budgets") == 1


def test_the_right_last_four_of_a_wrong_whole_number_prove_nothing(provider: Provider) -> None:
    """Whole numbers would else be four more guesses at four digits."""
    same_end = next(number for number in map(an_organisation_number, range(10**6)) if number.endswith("0680"))
    browser = provider.browser().authorize().identify(ANNA)
    assert _guess(browser, "10012345", same_end) == 422


def test_tries_follow_the_person_into_other_browsers_and_apps(provider: Provider) -> None:
    numbers = itertools.count(1)
    statuses = []
    for client_id in ("minasidor", "mittprezero", "minasidor"):
        browser = provider.browser().authorize(client_id).identify(ANNA)
        statuses += [_guess_whole(browser, f"9000{next(numbers):04}") for _ in range(3)]
    assert statuses == [422] * 4 + [429] * 5
    assert provider.scalar("SELECT max(spent) FROM budgets") == 5


def test_what_strangers_spend_takes_the_four_digits_and_never_the_way_in(provider: Provider) -> None:
    for serial in range(2):
        stranger = _newcomer(provider, serial)
        for digit in range(3):
            _guess(stranger, "10012345", f"{serial}00{digit}")
    honest = provider.browser().authorize().identify(ANNA).link("10012345", "0680")
    assert _asks_whole_number(honest)
    assert honest.link_whole("10012345", "556016-0680").step == "register"


def test_all_numbers_of_a_company_have_one_budget(provider: Provider) -> None:
    two = a_registered_customer("10012345", states={"10012399": NumberState.CLOSED})
    with unit_of_work(provider.app):
        fill_register(provider.parts.store.register, [two], provider.clock())
    for serial, number in enumerate(("10012345", "10012399")):
        stranger = _newcomer(provider, serial)
        for digit in range(3):
            _guess(stranger, number, f"{serial}00{digit}")
    honest = provider.browser().authorize().identify(ANNA)
    honest.link("10012399", "0680")
    assert _asks_whole_number(honest)


def test_one_stranger_cannot_use_up_the_whole_numbers_of_a_company(guessed: Provider) -> None:
    stranger = _newcomer(guessed, 1)
    assert [_guess_whole(stranger, "10012345") for _ in range(4)] == [422, 422, 429, 429]
    assert guessed.browser().authorize().identify(ANNA).link("10012345", "556016-0680").step == "register"


def test_many_strangers_end_at_the_companys_limit_and_whoever_is_left_calls_customer_service(guessed: Provider) -> None:
    statuses = [_guess_whole(_newcomer(guessed, serial // 2), "10012345") for serial in range(8)]
    assert statuses == [422] * 4 + [429] * 4
    honest = guessed.browser().authorize().identify(ANNA).link("10012345", "556016-0680")
    assert honest.status == 429
    assert "Ring" in honest.page


def test_a_place_from_which_many_guesses_come_is_asked_for_the_whole_number(provider: Provider) -> None:
    for serial in range(4):
        stranger = _newcomer(provider, serial)
        for digit in range(3):
            _guess(stranger, f"9000{serial}00{digit}", "0001")
    honest = provider.browser().authorize().identify(ANNA).link("10012345", "0680")
    assert _asks_whole_number(honest)
    elsewhere = provider.browser()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert elsewhere.authorize().identify(BO).link("10012345", "0680").step == "register"


@pytest.mark.parametrize(("number", "right"), [("10012346", "7569"), ("99999999", "7569"), ("10012345", "0001")])
def test_a_number_that_nobody_has_is_counted_and_answered_like_one_that_exists(
    provider: Provider, number: str, right: str
) -> None:
    """Page by page: wrong, asked for the whole number, and paused."""
    for serial, digits in enumerate(("1", "2")):
        stranger = _newcomer(provider, serial)
        for digit in range(3):
            _guess(stranger, number, f"{digits}00{digit}")
    browser = provider.browser().authorize().identify(ANNA)
    _guess(browser, number, right)
    assert _asks_whole_number(browser)
    assert [_guess_whole(browser, number) for _ in range(4)] == [422, 422, 422, 429]
    assert "Organisationsnumret har provats för många gånger" in browser.page


@pytest.mark.each_database
def test_guesses_at_once_in_many_tabs_are_counted_one_by_one(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def guess(number: int) -> int:
        with provider.app.test_client() as client:
            for cookie in (browser.client._cookies or {}).values():
                client.set_cookie(cookie.key, cookie.value, domain="id.example", secure=True)
            form = {
                "csrf_token": token,
                "customer_number": f"9000{number:04}",
                "whole_number": an_organisation_number(number),
            }
            return client.post(
                f"{browser.base}/link", data=form, headers=browser.headers, base_url="https://id.example"
            ).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(guess, range(20)))
    assert statuses == [422] * 4 + [429] * 16
    assert provider.scalar("SELECT max(spent) FROM budgets") == 5
