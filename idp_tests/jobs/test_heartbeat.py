"""The heartbeat of a loop: every few seconds, and again after a database that was away."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from idp.assembly.jobs import make_waiting_room
from idp.jobs.heartbeat import Heartbeat
from idp_tests.databases import NOW
from idp_tests.provider import Provider


@dataclass
class Heartbeats:
    """What was told, unless the database is away."""

    told: list[tuple[str, datetime]] = field(default_factory=list)
    away: bool = False

    def note(self, worker: str, now: datetime) -> None:
        if self.away:
            raise ConnectionError
        self.told.append((worker, now))

    def newest(self) -> datetime | None:
        return max((at for _, at in self.told), default=None)


@contextmanager
def unit() -> Iterator[None]:
    yield


def test_a_loop_that_turns_often_tells_every_five_seconds() -> None:
    heartbeats = Heartbeats()
    tell = Heartbeat(heartbeats=heartbeats, unit_of_work=unit, worker="node.a")
    for tenths in range(101):
        tell(NOW + timedelta(seconds=tenths / 10))
    assert heartbeats.told == [("node.a", NOW + timedelta(seconds=second)) for second in (0, 5, 10)]


def test_what_could_not_be_told_is_told_at_the_next_turn() -> None:
    heartbeats = Heartbeats(away=True)
    tell = Heartbeat(heartbeats=heartbeats, unit_of_work=unit, worker="node.a")
    with pytest.raises(ConnectionError):
        tell(NOW)
    heartbeats.away = False
    tell(NOW + timedelta(seconds=1))
    assert heartbeats.newest() == NOW + timedelta(seconds=1)


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    heartbeats = Heartbeats()
    tell = Heartbeat(heartbeats=heartbeats, unit_of_work=unit, worker="node.a")
    tell(NOW)
    tell(NOW - timedelta(hours=1))
    assert len(heartbeats.told) == 2


def test_the_collectors_loop_tells_when_it_has_asked_for_orders(provider: Provider) -> None:
    assert not provider.scalar("SELECT count(*) FROM collector_heartbeats")
    with ThreadPoolExecutor(1) as leases, provider.app.app_context():
        asyncio.run(make_waiting_room(provider.parts, "node.a").turn(leases))
    assert provider.scalar("SELECT count(*) FROM collector_heartbeats") == 1
