"""The watch: a collector is believed to work for a while after it was seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.heartbeat import CollectorWatch
from idp_tests.builders import NOW


@dataclass
class Told:
    """The newest heartbeat."""

    at: datetime | None

    def note(self, _worker: str, now: datetime) -> None:
        self.at = now

    def newest(self) -> datetime | None:
        return self.at


def watch(at: datetime | None) -> CollectorWatch:
    return CollectorWatch(Told(at), timedelta(seconds=30))


def test_a_collector_is_at_work_until_the_patience_is_over() -> None:
    assert watch(NOW).is_at_work(NOW + timedelta(seconds=30))
    assert not watch(NOW).is_at_work(NOW + timedelta(seconds=30, microseconds=1))


def test_nobody_works_before_the_first_heartbeat() -> None:
    assert watch(None).silence(NOW) is None
    assert not watch(None).is_at_work(NOW)


def test_another_nodes_clock_that_is_ahead_is_no_negative_silence() -> None:
    ahead = watch(NOW + timedelta(seconds=3))
    assert ahead.silence(NOW) == timedelta(0)
    assert ahead.is_at_work(NOW)
