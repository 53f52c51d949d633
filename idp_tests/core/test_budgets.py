from datetime import timedelta

from idp.core.budgets import Exhausted
from idp_tests.builders import NOW


def test_what_is_full_in_several_scopes_waits_for_the_last_of_them() -> None:
    ends = {f"scope {days}": NOW + timedelta(days=days) for days in (30, 365, 1)}
    assert Exhausted(ends).until == NOW + timedelta(days=365)
