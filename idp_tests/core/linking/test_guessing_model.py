"""The chances of guessing, by the real limiter over played time: a short piece of `python -m idp_tests.benchmarks.linking_model`."""

import pytest

from idp_tests.benchmarks.linking_model import TARGETS, Chance, chances, rush
from idp_tests.cases import each


def test_ten_attackers_reach_some_customer_with_half_a_percent_in_any_month_at_most() -> None:
    """Those who do everything around the end of a window have almost two months' whole numbers, and the four digits once."""
    [at_once] = chances(10, "spray", 31, 30)
    [patient] = chances(10, "spray", 33, 30, patient=True)
    assert at_once == Chance(four_digits=30, whole_numbers=70)
    assert patient == Chance(four_digits=30, whole_numbers=160)
    assert patient.uniform <= 0.005


@each("target", [target for target in TARGETS if target != "spray"])
def test_one_company_is_reached_with_a_tenth_of_a_percent_at_most_by_any_number_of_attackers(target: str) -> None:
    """Its budgets end on the first day, and come back a year after the last try."""
    [found] = chances(20, target, 5, 365)
    assert found == Chance(four_digits=5, whole_numbers=30)
    assert found.uniform <= 0.001


def test_a_hundred_attackers_meet_the_brake_in_a_quiet_season() -> None:
    [found] = chances(100, "spray", 1, 1)
    assert found.four_digits == 30


def test_honest_people_get_in_while_ten_attackers_guess() -> None:
    went = rush(10, 1, 300)
    assert went.within_three >= 0.99 * went.people
    assert went.locked_out == 0


def test_the_model_counts_as_the_formula_says() -> None:
    assert Chance(four_digits=3, whole_numbers=7).uniform == pytest.approx(0.00037, abs=1e-6)
    assert Chance(four_digits=3, whole_numbers=7).skewed == pytest.approx(0.00112, abs=1e-5)
