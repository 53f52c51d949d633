"""The answer to a wrong claim says nothing about the number: same bytes, same statements (T-C2).

`IDP_ORACLE_TRIES=2000 pytest idp_tests/attacks/test_linking_oracle.py -m "not postgres" -s` tries each class so often and prints how long they took.
"""

import os
import random
import re
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter_ns
from typing import Any

import pytest
from sqlalchemy import event

from idp.adapters.database.engine import database
from idp.core.linking.second_person import SecondPerson
from idp_tests.browser import Browser
from idp_tests.builders import an_organisation_number
from idp_tests.provider import Provider, restarted
from idp_tests.scripted_bankid import ANNA, BO

TRIES = int(os.environ.get("IDP_ORACLE_TRIES", "6"))
CLASSES: Mapping[str, tuple[str, str]] = {
    "unknown": ("99999999", "1234"),
    "wrong": ("10012346", "1234"),
    "inactive, right": ("10012347", "7485"),
    "inactive, wrong": ("10012347", "1234"),
    "closed to a second person": ("10012345", "1234"),
}
PAUSED: Mapping[str, tuple[str, str]] = {
    "unknown": ("99999999", "1234"),
    "wrong": ("10012346", "1234"),
    "right": ("10012346", "7569"),
    "inactive": ("10012347", "7485"),
}
RANDOM = re.compile(r'name="csrf_token" value="[^"]+"')

Outcome = tuple[int, str, str, tuple[str, ...]]
"""Status, headers, body and statements of one answer, without what was typed and what is random by itself."""


@contextmanager
def heard(provider: Provider) -> Iterator[list[str]]:
    """What is sent to the database."""
    with provider.app.app_context():
        engine = database.engine
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def once(browser: Browser, number: str, digits: str, sent: list[str]) -> tuple[Outcome, int]:
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "customer_number": number, "last_four": digits}
    sent.clear()
    began = perf_counter_ns()
    response = browser.client.post(
        f"{browser.base}/link", data=form, headers=browser.headers, base_url="https://id.example"
    )
    took = perf_counter_ns() - began
    code = response.headers.pop("Error-Code", "")
    shown = RANDOM.sub("", response.get_data(as_text=True)).replace(number, "NUMBER").replace(digits, "DIGITS")
    headers = str(sorted((name, value) for name, value in response.headers.items() if name != "Set-Cookie"))
    return (response.status_code, headers, shown.replace(code, "CODE") if code else shown, tuple(sent)), took


def compare(
    provider: Provider, browser: Browser, classes: Mapping[str, tuple[str, str]], before_each: Callable[[], None]
) -> dict[str, set[Outcome]]:
    """Every class in a random order, each as often."""
    outcomes: dict[str, set[Outcome]] = {name: set() for name in classes}
    times: dict[str, list[int]] = {name: [] for name in classes}
    order = [name for name in classes for _ in range(TRIES)]
    random.Random(1).shuffle(order)
    with heard(provider) as sent:
        for name in order:
            before_each()
            outcome, took = once(browser, *classes[name], sent)
            outcomes[name].add(outcome)
            times[name].append(took)
    for name, each in times.items():
        print(f"{name}: {len(each)} tries, median {statistics.median(each) / 1000:.0f} µs")
    return outcomes


def refused(provider: Provider, statement: str) -> None:
    with provider.app.app_context(), database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_no_answer_to_a_wrong_claim_says_whether_the_number_exists_is_active_or_has_people(provider: Provider) -> None:
    with restarted(provider, linking={"second_person": SecondPerson.CONTACT}) as asked:
        asked.browser().first_login(user=BO)
        browser = asked.browser().authorize().identify(ANNA)
        outcomes = compare(asked, browser, CLASSES, lambda: refused(asked, "DELETE FROM budgets"))
    told = set.union(*outcomes.values())
    assert {name: len(each) for name, each in outcomes.items()} == dict.fromkeys(CLASSES, 1)
    assert len(told) == 1
    [(status, _, page, statements)] = told
    assert status == 422
    assert "Kundnumret och siffrorna hör inte ihop" in page
    assert len(statements) < 30


def test_no_pause_says_whether_the_number_exists_or_the_digits_are_right(provider: Provider) -> None:
    browser = provider.browser().authorize().identify(ANNA)
    form = browser.page
    for serial in range(5):
        browser.get(f"{browser.base}/link").link(f"9000000{serial}", an_organisation_number(serial))
    browser.page = form
    outcomes = compare(provider, browser, PAUSED, lambda: None)
    told = set.union(*outcomes.values())
    assert {status for status, *_ in told} == {429}
    assert len(told) == 1


@pytest.mark.parametrize("company", ["99999999", "10012346"])
def test_a_company_without_tries_looks_like_a_number_that_nobody_has(provider: Provider, company: str) -> None:
    """The pause of a number follows from tries at it, whether or not anybody has it."""
    browser = provider.browser().authorize().identify(ANNA)
    statuses = [browser.link(company, an_organisation_number(serial)).status for serial in range(4)]
    assert statuses == [422, 422, 422, 429]
