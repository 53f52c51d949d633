"""Every test of the database room runs on both kinds of database: this is where the dialects are judged."""

import pytest

from idp_tests.databases import EACH_DATABASE


@pytest.fixture(scope="module", params=EACH_DATABASE)
def database_kind(request: pytest.FixtureRequest) -> str:
    """One kind after the other."""
    return str(request.param)
