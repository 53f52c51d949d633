from datetime import timedelta

import pytest

from idp.core.signin.interaction import InteractionLifetime
from idp_tests.builders import NOW, an_interaction

LIFETIME = InteractionLifetime(idle=timedelta(minutes=30), absolute=timedelta(minutes=60))


def test_an_interaction_that_nobody_touches_ends_when_it_has_idled() -> None:
    assert LIFETIME.first_end(NOW) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(("acted", "ends"), [(0, 30), (20, 50), (30, 60), (45, 60), (59, 60)])
def test_each_act_lets_it_live_on_but_never_past_its_absolute_end(acted: int, ends: int) -> None:
    found = LIFETIME.next_end(an_interaction(arrived_at=NOW), NOW + timedelta(minutes=acted))
    assert found == NOW + timedelta(minutes=ends)
