"""The bench of the collector's tests."""

import pytest
from flask import Flask

from idp_tests.jobs.bankid.bench import Bench


@pytest.fixture
def bench(database_app: Flask) -> Bench:
    return Bench(database_app)
