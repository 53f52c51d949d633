"""The endpoint of address probes: a page of ours learns its browser's other address, and nobody plants one."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.core.identification.bankid.api import Risk
from idp_tests.browser import Browser
from idp_tests.provider import ISSUER, Provider, restarted
from idp_tests.scripted_bankid import ANNA

COMPUTER = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36"}
FOUR_HOST = "https://ipv4.id.example"
SIX, FOUR = "2001:db8::7", "198.51.100.7"


@pytest.fixture
def probing(provider: Provider) -> Iterator[Provider]:
    """A provider with a second host name, reached by IPv4 alone."""
    with restarted(provider, bankid={"address_probes": (FOUR_HOST,)}) as probing:
        yield probing


def _at(address: str, browser: Browser) -> Browser:
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def _question(browser: Browser) -> str:
    return browser.page.partition('data-question="')[2].partition('"')[0]


def _ask(browser: Browser, question: str, address: str = FOUR, **headers: str) -> TestResponse:
    return browser.client.post(
        "/address-probe",
        data={"question": question},
        headers={"Origin": ISSUER, "Sec-Fetch-Mode": "cors", **headers},
        base_url=FOUR_HOST,
        environ_base={"REMOTE_ADDR": address},
    )


def _start(browser: Browser, *answers: str) -> Browser:
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form: dict[str, Any] = {"launch": "same_device", "csrf_token": token, "seen_address": list(answers)}
    browser.client.post(f"{browser.base}/bankid/start", data=form, headers=browser.headers, base_url=ISSUER)
    browser.provider.collect()
    browser.provider.clock.advance(seconds=3)
    browser.provider.bankid.approve(ANNA, device_ip=FOUR, risk=Risk.LOW)
    browser.provider.collect()
    return browser.get(browser.base)


def test_a_computer_with_both_kinds_of_address_is_believed_by_the_one_that_the_app_has(probing: Provider) -> None:
    browser = _at(SIX, probing.browser(**COMPUTER)).authorize()
    told = _ask(browser, _question(browser)).get_json()
    assert told["address"] == FOUR
    assert _start(browser, told["answer"]).step == "link"


def test_without_the_answer_it_is_not(probing: Provider) -> None:
    browser = _at(SIX, probing.browser(**COMPUTER)).authorize()
    assert _start(browser).step == "bankid"


def test_an_answer_to_another_logins_question_proves_nothing(probing: Provider) -> None:
    attacker = _at(SIX, probing.browser(**COMPUTER)).authorize()
    victim = _at(FOUR, probing.browser(**COMPUTER)).authorize()
    told = _ask(victim, _question(victim)).get_json()
    assert _start(attacker, told["answer"], "nonsense").step == "bankid"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_only_a_script_of_our_own_page_is_answered(probing: Provider, headers: dict[str, str]) -> None:
    browser = probing.browser(**COMPUTER).authorize()
    response = _ask(browser, _question(browser), **headers)
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


def test_only_our_own_page_may_read_the_answer(probing: Provider) -> None:
    browser = probing.browser(**COMPUTER).authorize()
    response = _ask(browser, _question(browser))
    assert response.headers["Access-Control-Allow-Origin"] == ISSUER
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


def test_a_question_that_is_not_ours_is_not_answered(probing: Provider) -> None:
    assert _ask(probing.browser(), "i1~9999999999~00").status_code == 400


def test_the_page_may_ask_the_probes_and_nobody_else(probing: Provider) -> None:
    browser = probing.browser(**COMPUTER).authorize()
    assert f"connect-src 'self' {FOUR_HOST};" in browser.response.headers["Content-Security-Policy"]
    assert f'data-probes="{FOUR_HOST}"' in browser.page


def test_a_phone_needs_no_probe(probing: Provider) -> None:
    phone = probing.browser(**{"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36"})
    assert "data-question" not in phone.authorize().page
    assert "connect-src 'self';" in phone.response.headers["Content-Security-Policy"]
