"""Canaries in the database: noted once, and the first one counts."""

import pytest

from idp.adapters.database.canaries import DatabaseCanaries
from idp.adapters.database.engine import unit_of_work
from idp.core.oidc.keys.canary import Canary

pytestmark = pytest.mark.usefixtures("database_context")

FIRST = [Canary("fields", 1, b"f" * 32), Canary("pepper", 1, b"p" * 32), Canary("pepper", 2, b"q" * 32)]


def test_canaries_are_kept_and_the_first_of_a_version_counts() -> None:
    canaries = DatabaseCanaries()
    with unit_of_work():
        assert canaries.all() == []
        canaries.note(reversed(FIRST))
    with unit_of_work():
        canaries.note([Canary("pepper", 1, b"x" * 32)])
    with unit_of_work():
        assert canaries.all() == FIRST


def test_a_retired_version_leaves_an_empty_mark_that_nobody_replaces() -> None:
    canaries = DatabaseCanaries()
    with unit_of_work():
        canaries.note(FIRST)
    with unit_of_work():
        canaries.retire("pepper", 1)
        canaries.note(FIRST)
    with unit_of_work():
        assert [(each.version, each.is_retired) for each in canaries.all() if each.name == "pepper"] == [
            (1, True),
            (2, False),
        ]
