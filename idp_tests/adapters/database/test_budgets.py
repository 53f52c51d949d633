"""Budgets of wrong tries: exactly so many, however many try at once."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from idp.adapters.database.budgets import DatabaseBudgets
from idp.adapters.database.encryption import Pepper
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import budgets
from idp.core.budgets import Budget, Charged, Exhausted, Left
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.adapters.database.seeds import race
from idp_tests.databases import NOW, PEPPER, Statements

pytestmark = pytest.mark.usefixtures("database_context")

BUDGETS = DatabaseBudgets(PEPPER)
DAY = timedelta(hours=24)
FIVE = Budget(limit=5, window=DAY)
MANY = Budget(limit=1000, window=DAY)
_ANNA_WAITS = Exhausted({"person anna": NOW + DAY})


def _charge(
    pair: str,
    *,
    person: str = "anna",
    customer: str = "123456",
    now: datetime = NOW,
    per_person: Budget = FIVE,
    per_customer: Budget = MANY,
) -> Charged | Exhausted:
    scopes = {f"person {person}": per_person, f"customer {customer}": per_customer}
    return BUDGETS.charge(scopes, now, once=f"{person} {pair}")


def _charged(pair: str, **changes: Any) -> Charged | Exhausted:
    with unit_of_work():
        return _charge(pair, **changes)


def _anna(outcome: Charged | Exhausted) -> Left:
    """What she has left, after a charge."""
    assert isinstance(outcome, Charged)
    return outcome.left["person anna"]


def _refund(pair: str, person: str = "anna", customer: str = "123456") -> None:
    with unit_of_work():
        BUDGETS.refund([f"person {person}", f"customer {customer}"], once=f"{person} {pair}")


def test_five_tries_count_down_and_the_sixth_waits() -> None:
    lefts = [_anna(_charged(f"pair {n}")) for n in range(5)]
    assert lefts == [*(Left(acts) for acts in (4, 3, 2, 1)), Left(0, until=NOW + DAY)]
    assert _charged("pair 5", now=NOW + timedelta(hours=1)) == _ANNA_WAITS


def test_the_window_opens_again() -> None:
    for n in range(5):
        _charged(f"pair {n}")

    assert _anna(_charged("pair 5", now=NOW + DAY)) == Left(4)


def test_an_exact_repeat_costs_nothing_even_when_nothing_is_left() -> None:
    for n in range(5):
        _charged(f"pair {n}")

    assert _anna(_charged("pair 0")) == Left(0, until=NOW + DAY)
    assert _charged("pair 5") == _ANNA_WAITS
    assert _charged("pair 5") == _ANNA_WAITS


def test_a_repeat_after_the_window_costs_again() -> None:
    _charged("pair")

    assert _anna(_charged("pair", now=NOW + DAY)) == Left(4)
    assert _anna(_charged("pair", now=NOW + DAY)) == Left(4)


@pytest.mark.parametrize("customer", [f"customer {n}" for n in range(6)])
def test_a_try_is_paid_in_both_scopes_or_in_none(customer: str) -> None:
    one = Budget(limit=1, window=DAY)
    _charged("pair 0", person="bo", customer=customer, per_customer=one)

    full = Exhausted({f"customer {customer}": NOW + DAY})
    assert _charged("pair 1", customer=customer, per_customer=one) == full
    assert _anna(_charged("pair 2", customer="other")) == Left(4)


def test_the_customers_budget_holds_for_all_persons_together() -> None:
    outcomes = [_charged(f"pair {n}", person=f"person {n}", per_customer=FIVE) for n in range(8)]

    assert sum(isinstance(outcome, Charged) for outcome in outcomes) == 5


def test_a_right_pair_gives_back_what_it_cost() -> None:
    for n in range(4):
        _charged(f"pair {n}")
    assert _anna(_charged("right", per_customer=FIVE)) == Left(0, until=NOW + DAY)
    _refund("right")

    assert _anna(_charged("pair 9", per_customer=FIVE)) == Left(0, until=NOW + DAY)


def test_a_pair_that_somebody_knows_buys_no_tries_at_other_customers() -> None:
    guesses = 0
    for round_ in range(5):
        for n in range(4):
            guesses += isinstance(_charged(f"{round_} {n}", customer=f"victim {round_}", per_customer=FIVE), Charged)
        if isinstance(_charged("my own", customer="mine", per_customer=FIVE), Charged):
            _refund("my own", customer="mine")

    assert guesses == 5


def test_a_refund_that_was_not_paid_gives_the_customer_nothing() -> None:
    for n in range(5):
        _charged(f"pair {n}", person=f"person {n}", per_customer=FIVE)
    _refund("never charged", person="bo")

    assert isinstance(_charged("pair 9", person="bo", per_customer=FIVE), Exhausted)


def test_of_fifty_different_guesses_at_once_exactly_the_limit_is_charged(database_app: Flask) -> None:
    numbers = itertools.count()

    outcomes = race(database_app, lambda: _charge(f"pair {next(numbers)}", per_customer=FIVE, per_person=MANY))

    assert sum(isinstance(outcome, Charged) for outcome in outcomes) == 5


def test_guesses_by_many_persons_at_many_customers_at_once_keep_every_limit(database_app: Flask) -> None:
    numbers = itertools.count()
    two = Budget(limit=2, window=DAY)

    def guess() -> Charged | Exhausted:
        n = next(numbers)
        return _charge(f"pair {n}", person=f"p{n % 3}", customer=f"c{n % 5}", per_person=FIVE, per_customer=two)

    outcomes = race(database_app, guess)

    assert sum(isinstance(outcome, Charged) for outcome in outcomes) == 10
    with unit_of_work():
        spent = connection().execute(select(budgets.c.spent)).scalars().all()
        assert sum(spent) == 10 + 20, "each pair once, and each in two scopes"


def test_one_pair_sent_fifty_times_at_once_is_charged_once(database_app: Flask) -> None:
    outcomes = race(database_app, lambda: _charge("pair"))

    assert [_anna(outcome) for outcome in outcomes] == [Left(4)] * 50


def test_an_act_is_counted_in_every_scope_and_told_when_one_is_full() -> None:
    """As BankID orders are: by browser, address and network."""
    hour = NOW + timedelta(hours=1)
    scopes = {"browser a": FIVE, "address b": Budget(limit=2, window=timedelta(hours=1))}
    with unit_of_work():
        assert BUDGETS.charge(scopes, NOW) == Charged({"browser a": Left(4), "address b": Left(1)})
        assert BUDGETS.charge(scopes, NOW) == Charged({"browser a": Left(3), "address b": Left(0, until=hour)})
        assert BUDGETS.charge(scopes, NOW) == Exhausted({"address b": hour})
        assert BUDGETS.charge({"browser a": FIVE}, NOW) == Charged({"browser a": Left(2)})
        BUDGETS.refund(scopes)
        assert BUDGETS.charge(scopes, NOW) == Charged({"browser a": Left(2), "address b": Left(0, until=hour)})


def test_looking_at_what_is_left_pays_nothing() -> None:
    scopes = {"person anna": FIVE, "nobody": FIVE}
    with unit_of_work():
        BUDGETS.charge({"person anna": FIVE}, NOW)
        for _ in range(2):
            assert BUDGETS.left(scopes, NOW) == {"person anna": Left(4), "nobody": Left(5)}


def test_every_scope_that_is_full_is_named_with_its_end() -> None:
    scopes = {f"scope {days}": Budget(limit=1, window=timedelta(days=days)) for days in (1, 30, 365)}
    with unit_of_work():
        BUDGETS.charge(scopes, NOW)
        full = BUDGETS.charge(scopes, NOW + DAY)
    assert full == Exhausted({f"scope {days}": NOW + timedelta(days=days) for days in (30, 365)})


def test_a_window_may_be_as_long_as_a_year() -> None:
    year = Budget(limit=3, window=timedelta(days=365))
    scopes = {"person anna": year, "company 1": Budget(limit=2, window=timedelta(days=30)), "everybody": MANY}
    with unit_of_work():
        assert _anna(BUDGETS.charge(scopes, NOW)) == Left(2)
        assert _anna(BUDGETS.charge(scopes, NOW + timedelta(days=29))) == Left(1)
        full = BUDGETS.charge(scopes, NOW + timedelta(days=29))
        assert full == Exhausted({"company 1": NOW + timedelta(days=30)})
        last = BUDGETS.charge(scopes, NOW + timedelta(days=364))
        assert _anna(last) == Left(0, until=NOW + timedelta(days=365))
        assert _anna(BUDGETS.charge(scopes, NOW + timedelta(days=365))) == Left(2)


def test_a_window_counted_from_the_last_act_never_holds_more_than_the_limit() -> None:
    scopes = {"person anna": Budget(limit=3, window=30 * DAY, from_last=True)}
    with unit_of_work():
        for day, left in ((0, 2), (29, 1)):
            assert _anna(BUDGETS.charge(scopes, NOW + day * DAY)) == Left(left)
        assert _anna(BUDGETS.charge(scopes, NOW + 31 * DAY)) == Left(0, until=NOW + 61 * DAY)
        for day in (32, 60):
            full = BUDGETS.charge(scopes, NOW + day * DAY)
            assert full == Exhausted({"person anna": NOW + 61 * DAY}), "what was not done moves nothing"
        assert _anna(BUDGETS.charge(scopes, NOW + 61 * DAY)) == Left(2)


def test_an_act_that_is_given_back_gives_the_windows_end_back_too() -> None:
    scopes = {"person anna": Budget(limit=2, window=30 * DAY, from_last=True)}
    with unit_of_work():
        BUDGETS.charge(scopes, NOW)
        BUDGETS.charge(scopes, NOW + 20 * DAY, once="right")
        BUDGETS.refund(scopes, once="right")
        assert _anna(BUDGETS.charge(scopes, NOW + 30 * DAY)) == Left(1), "a new window"


def test_a_try_that_another_scope_refuses_moves_no_windows_end() -> None:
    full = {"company 1": Budget(limit=1, window=DAY)}
    scopes = {"person anna": Budget(limit=2, window=30 * DAY, from_last=True), **full}
    with unit_of_work():
        BUDGETS.charge({"person anna": scopes["person anna"]}, NOW)
        BUDGETS.charge(full, NOW + 20 * DAY)
        assert isinstance(BUDGETS.charge(scopes, NOW + 20 * DAY), Exhausted)
        assert _anna(BUDGETS.charge({"person anna": scopes["person anna"]}, NOW + 30 * DAY)) == Left(1)


def _budgets_by(*peppers: SecretKey) -> DatabaseBudgets:
    return DatabaseBudgets(Pepper(lambda: peppers))


def test_another_pepper_forgets_nothing() -> None:
    """Also where nodes learn of it one after the other."""
    old, new = SecretKey(version=1, value=bytes(32)), SecretKey(version=2, value=bytes(31) + b"2")
    before, after = _budgets_by(old), _budgets_by(new, old)
    with unit_of_work():
        for store in (before, after, before, after, before):
            assert isinstance(store.charge({"person anna": FIVE}, NOW), Charged)
        assert before.charge({"person anna": FIVE}, NOW) == _ANNA_WAITS
        assert after.charge({"person anna": FIVE}, NOW) == _ANNA_WAITS
        after.charge({"person bo": FIVE}, NOW)
        retired = _budgets_by(new)
        assert retired.charge({"person bo": FIVE}, NOW) == Charged({"person bo": Left(3)}), "new rows by the new one"


def test_what_was_tried_once_is_remembered_across_peppers() -> None:
    old, new = SecretKey(version=1, value=bytes(32)), SecretKey(version=2, value=bytes(31) + b"2")
    before, after = _budgets_by(old), _budgets_by(new, old)
    with unit_of_work():
        before.charge({"person anna": FIVE}, NOW, once="pair")
        assert _anna(after.charge({"person anna": FIVE}, NOW, once="pair")) == Left(4)
        after.refund(["person anna"], once="pair")
        assert _anna(after.charge({"person anna": FIVE}, NOW, once="other")) == Left(4)


def test_charging_costs_one_statement_however_many_scopes(statements: Statements) -> None:
    scopes = dict.fromkeys("abcdef", FIVE)
    with unit_of_work():
        statements.forget()
        BUDGETS.charge(scopes, NOW, once="the act")
    assert len([text for text in statements.texts if "budgets" in text]) == 2, "the act, and its scopes"
