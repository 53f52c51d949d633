"""Heartbeats in the database: one row per process, and the newest of all is told."""

from datetime import timedelta

import pytest

from idp.adapters.database.engine import unit_of_work
from idp.adapters.database.heartbeats import DatabaseHeartbeats
from idp_tests.databases import NOW

pytestmark = pytest.mark.usefixtures("database_context")


def test_the_newest_heartbeat_of_all_processes_is_told() -> None:
    heartbeats = DatabaseHeartbeats()
    with unit_of_work():
        assert heartbeats.newest() is None
        heartbeats.note("node-1.a", NOW + timedelta(seconds=5))
        heartbeats.note("node-2.b", NOW)
        assert heartbeats.newest() == NOW + timedelta(seconds=5)


def test_a_process_that_tells_again_replaces_what_it_told() -> None:
    heartbeats = DatabaseHeartbeats()
    with unit_of_work():
        heartbeats.note("node-1.a", NOW)
    with unit_of_work():
        heartbeats.note("node-1.a", NOW + timedelta(seconds=5))
        assert heartbeats.newest() == NOW + timedelta(seconds=5)
