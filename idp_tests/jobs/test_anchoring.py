"""Anchoring: every place is told where the log ends, again soon after a failure, and never where it contradicts itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from prometheus_client import REGISTRY

from idp.core.audit_chain.anchor import Anchor, AnchorFailed
from idp.core.audit_log import AuditChain
from idp.jobs.anchoring import Anchoring
from idp_tests.builders import NOW


@dataclass
class Chain:
    position: int = 7
    is_whole: bool = True

    def anchor(self, now: datetime) -> Anchor:
        return Anchor(now, self.position, b"l" * 33)

    def holds(self, _anchor: Anchor) -> bool:
        return self.is_whole


@dataclass
class Place:
    fails: bool = False
    lines: list[str] = field(default_factory=list)
    name: str = "a place"

    def add(self, line: str) -> None:
        if self.fails:
            raise AnchorFailed("no")
        self.lines.append(line)


@contextmanager
def a_unit() -> Iterator[None]:
    yield


def anchoring(chain: Chain, *places: Place, **changes: Any) -> Anchoring:
    members: dict[str, Any] = {
        "chain": cast("AuditChain", chain),
        "write": lambda anchor: f"at {anchor.position}",
        "places": places,
        "every": timedelta(hours=1),
        "unit_of_work": a_unit,
        "outages": (),
        "clock": lambda: NOW,
    }
    return Anchoring(**members | changes)


class Stop(threading.Event):
    """Is set after so many waits, and remembers them."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.left, self.waited = waits, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0)
        self.left -= 1
        if self.left <= 0:
            self.set()
        return self.is_set()


def test_every_place_is_told_where_the_log_ends() -> None:
    first, second = Place(), Place()
    stop = Stop(2)
    anchoring(Chain(), first, second).run(stop)
    assert first.lines == second.lines == ["at 7", "at 7"]
    assert stop.waited == [3600, 3600]


def test_a_place_that_fails_keeps_no_other_from_its_anchor_and_is_tried_again_in_a_minute() -> None:
    fails, takes = Place(fails=True), Place()
    stop = Stop(1)
    anchoring(Chain(), fails, takes).run(stop)
    assert takes.lines == ["at 7"]
    assert stop.waited == [60]


def test_a_database_that_is_away_is_asked_again_in_a_minute() -> None:
    def away() -> None:
        raise ConnectionError

    stop = Stop(2)
    anchoring(Chain(), Place(), unit_of_work=away).run(stop)
    assert stop.waited == [60, 60]


def test_a_log_that_is_not_what_was_anchored_last_is_not_vouched_for() -> None:
    chain, place = Chain(), Place()
    job = anchoring(chain, place)
    assert job.beat()
    assert REGISTRY.get_sample_value("idp_audit_contradicted") == 0
    chain.is_whole = False
    assert not job.beat()
    assert place.lines == ["at 7"]
    assert REGISTRY.get_sample_value("idp_audit_contradicted") == 1
