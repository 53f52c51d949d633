"""Every test of the database room runs on both kinds of database: this is where the dialects are judged.

A test of a port that tests of the core have in memory asks for `in_memory`: one contract judges all implementations.
"""

from collections.abc import Iterator

import pytest

from idp.adapters.database.engine import unit_of_work
from idp_tests.databases import EACH_DATABASE


@pytest.fixture(scope="module", params=EACH_DATABASE)
def database_kind(request: pytest.FixtureRequest) -> str:
    """One kind after the other."""
    return str(request.param)


@pytest.fixture(params=("memory", *EACH_DATABASE))
def in_memory(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether the implementation in memory is judged, or the one on a database, in one unit of work."""
    if request.param == "memory":
        yield True
        return
    app = request.getfixturevalue(f"{request.param}_app")
    with app.app_context(), unit_of_work():
        yield False
