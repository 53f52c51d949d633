"""The waiting room: thousands of orders in the hands of one process, each kept under its lease until it ends."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from idp.core.identification.bankid.ports import OrderQueue, UnreadableOrder
from idp.core.overtaken import Overtaken
from idp.jobs.bankid.collector import Collector
from idp.jobs.bankid.waiting_room import LEASE, MOST_AT_ONCE, RENEW_EVERY, Stay, WaitingRoom
from idp.jobs.patient_write import NotWritten
from idp_tests.databases import NOW
from idp_tests.provider import Clock

Work = Callable[[UnreadableOrder, Stay], Awaitable[None]]


@dataclass
class Queue:
    """Orders in memory, by who has them."""

    due: list[str]
    held: set[str] = field(default_factory=set)
    given_back: list[str] = field(default_factory=list)
    away: int = 0
    """How many times more the database is away."""

    def lease_due(self, _worker: str, _now: datetime, _until: datetime, limit: int) -> Sequence[UnreadableOrder]:
        if self.away:
            self.away -= 1
            raise ConnectionError
        given, self.due = self.due[:limit], self.due[limit:]
        self.held |= set(given)
        return [UnreadableOrder(name, NOW) for name in given]

    def keep_leases(self, _worker: str, _until: datetime) -> Collection[str]:
        return frozenset(self.held)

    def give_back(self, order_id: str, _worker: str) -> None:
        self.held.discard(order_id)
        self.given_back.append(order_id)


@dataclass
class Hands:
    """In place of a collector: does what the test says, and knows nothing of BankID."""

    work: Work
    closed: bool = False

    @property
    def bankid(self) -> "Hands":
        return self

    async def close(self) -> None:
        self.closed = True

    async def work_on(self, order: UnreadableOrder, stay: Stay) -> None:
        await self.work(order, stay)

    async def write(self, write: Callable[[], None]) -> None:
        write()


@contextmanager
def unit() -> Iterator[None]:
    yield


def a_room(queue: Queue, work: Work, clock: Clock | None = None) -> WaitingRoom:
    clock = clock or Clock(NOW)
    return WaitingRoom(
        orders=cast("OrderQueue", queue),
        collector=cast("Collector", Hands(work)),
        unit_of_work=unit,
        outages=(ConnectionError,),
        clock=clock,
        worker="node.a",
        at_work=lambda _now: None,
    )


def in_turns(room: WaitingRoom, steps: Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]) -> None:
    """Run `steps`, which is given what makes the room take its turn."""

    async def main() -> None:
        with ThreadPoolExecutor(1) as leases:
            await steps(lambda: room.turn(leases))
            for stay in room._stays.values():
                stay.over.set()
            await asyncio.gather(*room._work)

    asyncio.run(main())


async def until_told(_order: UnreadableOrder, stay: Stay) -> None:
    await stay(NOW + timedelta(days=1))


def test_thousands_wait_at_once_and_need_no_thread_each() -> None:
    queue = Queue([f"{number}" for number in range(3 * MOST_AT_ONCE)])
    room = a_room(queue, until_told)
    threads = threading.active_count()

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        assert [await turn() for _ in range(4)] == [True, True, True, False]
        assert len(room._stays) == 3 * MOST_AT_ONCE
        assert threading.active_count() <= threads + 1

    in_turns(room, steps)


def test_what_is_held_is_kept_in_time() -> None:
    clock, stays = Clock(NOW), list[Stay]()

    async def wait(order: UnreadableOrder, stay: Stay) -> None:
        stays.append(stay)
        await until_told(order, stay)

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        await turn()
        assert stays == [] or stays[0].leased_until == NOW + LEASE
        clock.advance(seconds=RENEW_EVERY.total_seconds())
        await turn()
        assert stays[0].leased_until == NOW + RENEW_EVERY + LEASE

    in_turns(a_room(Queue(["a"]), wait, clock), steps)
    assert RENEW_EVERY * 2 < LEASE, "one renewal that fails loses nothing"


def test_an_order_that_another_took_is_let_go() -> None:
    queue, clock, stayed = Queue(["a"]), Clock(NOW), list[bool]()

    async def wait(_order: UnreadableOrder, stay: Stay) -> None:
        stayed.append(await stay(NOW + timedelta(days=1)))

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        await turn()
        queue.held.clear()
        clock.advance(seconds=RENEW_EVERY.total_seconds())
        await turn()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    room = a_room(queue, wait, clock)
    in_turns(room, steps)
    assert (stayed, room._stays) == ([False], {})


def test_a_lease_in_our_name_under_which_nobody_works_ends() -> None:
    queue = Queue([], held={"lost"})

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        await turn()

    in_turns(a_room(queue, until_told), steps)
    assert queue.given_back == ["lost"]


def test_an_order_is_never_worked_on_twice_by_one_process() -> None:
    """After an outage its lease may have ended, and it is leased once more."""
    queue, worked = Queue(["a"]), list[str]()

    async def wait(order: UnreadableOrder, stay: Stay) -> None:
        worked.append(order.id)
        await until_told(order, stay)

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        await turn()
        queue.due.append("a")
        await turn()

    in_turns(a_room(queue, wait), steps)
    assert worked == ["a"]


@pytest.mark.parametrize("lost", [Overtaken(), NotWritten("OSError")])
def test_what_was_lost_on_the_way_is_given_back(lost: Exception) -> None:
    queue = Queue(["a"])

    async def lose(_order: UnreadableOrder, _stay: Stay) -> None:
        raise lost

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        await turn()

    in_turns(a_room(queue, lose), steps)
    assert queue.given_back == ["a"]


def test_a_mistake_with_one_order_ends_no_other_and_its_lease_ends() -> None:
    queue, clock, done = Queue(["a", "b"]), Clock(NOW), list[str]()

    async def break_one(order: UnreadableOrder, _stay: Stay) -> None:
        if order.id == "a":
            raise RuntimeError("a bug")
        done.append(order.id)
        queue.held.discard("b")

    async def steps(turn: Callable[[], Awaitable[bool]]) -> None:
        await turn()
        await asyncio.gather(*a_room_under_test._work)
        clock.advance(seconds=RENEW_EVERY.total_seconds())
        await turn()

    a_room_under_test = a_room(queue, break_one, clock)
    with capture_logs() as logs:
        in_turns(a_room_under_test, steps)
    assert (done, queue.given_back) == (["b"], ["a"])
    assert [entry["event"] for entry in logs] == ["work failed"]


def test_an_order_stays_no_longer_than_its_lease_is_sure() -> None:
    clock = Clock(NOW)

    async def look() -> tuple[bool, bool]:
        stay = Stay(NOW + LEASE, clock)
        kept = await stay(NOW)
        clock.advance(seconds=LEASE.total_seconds())
        return kept, await stay(NOW)

    assert asyncio.run(look()) == (True, False)


def test_a_process_that_stops_hands_everything_back_and_closes_its_connections() -> None:
    stop, handed_back = threading.Event(), list[bool]()

    async def wait(_order: UnreadableOrder, stay: Stay) -> None:
        stop.set()
        handed_back.append(not await stay(NOW + timedelta(days=1)))

    room = a_room(Queue(["a", "b"]), wait)
    room.run(stop)
    assert handed_back == [True, True]
    assert cast("Any", room.collector).closed


def test_a_database_that_is_away_for_a_moment_does_not_end_the_loop() -> None:
    stop, queue = threading.Event(), Queue(["a"], away=2)

    async def work(_order: UnreadableOrder, _stay: Stay) -> None:
        stop.set()

    with capture_logs() as logs:
        a_room(queue, work).run(stop)
    assert [entry["event"] for entry in logs] == ["database out of reach", "works again"]
