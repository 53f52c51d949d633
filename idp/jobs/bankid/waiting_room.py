"""The waiting room: the loop in which one process keeps every BankID order that it has leased, thousands at a time.

An order that waits costs a lease and a coroutine, no thread. Starts and cancellations never stand behind collects.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from idp.core.identification.bankid.order import Order
from idp.core.identification.bankid.ports import OrderQueue, UnreadableOrder
from idp.core.overtaken import Overtaken
from idp.jobs.bankid.collector import Collector
from idp.jobs.patient_write import NotWritten
from idp.jobs.trouble import Trouble

_ended = Counter("idp_orders_worked_on", "BankID orders that left a collector's hands, by how.", ["outcome"])
_held = Gauge("idp_orders_held", "BankID orders in the hands of this node's collectors.", multiprocess_mode="livesum")

_log = structlog.get_logger("idp.collector")

LEASE: Final = timedelta(seconds=15)
"""After so long another process takes over what a dead one held."""
RENEW_EVERY: Final = timedelta(seconds=5)
MOST_ORDERS: Final = 10_000
"""In the hands of one process."""
MOST_AT_ONCE: Final = 500
"""Leased by one statement."""
_IDLE_SECONDS: Final = 0.15


@dataclass(eq=False, slots=True)
class Stay:
    """How long one order may stay with us."""

    leased_until: datetime
    clock: Callable[[], datetime]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process stops, or another took the order."""

    async def __call__(self, until: datetime) -> bool:
        """Wait until then; False when the order is to be handed back."""
        try:
            await asyncio.wait_for(self.over.wait(), max(0.0, (until - self.clock()).total_seconds()))
        except TimeoutError:
            return self.clock() < self.leased_until
        return False


@dataclass(kw_only=True)
class WaitingRoom:
    """One per process that runs jobs."""

    orders: OrderQueue
    collector: Collector
    unit_of_work: Callable[[], AbstractContextManager[object]]
    outages: tuple[type[Exception], ...]
    """What the unit of work raises while the database is away."""
    clock: Callable[[], datetime]
    worker: str
    at_work: Callable[[datetime], None]
    """Called whenever the loop has seen that it can work."""
    _stays: dict[str, Stay] = field(default_factory=dict)
    _work: set[asyncio.Task[None]] = field(default_factory=set)
    _renewed_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then finish the calls under way and hand the orders back."""
        asyncio.run(self._run(stop))

    async def _run(self, stop: threading.Event) -> None:
        trouble = Trouble(work="collector", outages=self.outages)
        with ThreadPoolExecutor(1, thread_name_prefix="orders") as leases:
            while not stop.is_set():
                try:
                    busy = await self.turn(leases)
                except Exception as error:  # noqa: BLE001 - a database that is away for a moment must not end the loop
                    await asyncio.to_thread(stop.wait, trouble.note(error).total_seconds())
                    continue
                trouble.is_over()
                if not busy:
                    await asyncio.sleep(_IDLE_SECONDS)
            for stay in self._stays.values():
                stay.over.set()
            await asyncio.gather(*self._work)
        await self.collector.bankid.close()

    async def turn(self, leases: Executor) -> bool:
        """Take what is due, as much as there is room for; True when there was something."""
        now, loop = self.clock(), asyncio.get_running_loop()
        if self._renewed_at is None or now - self._renewed_at >= RENEW_EVERY:
            held = dict(self._stays)
            kept = await loop.run_in_executor(leases, self._keep_leases, frozenset(held), now)
            self._renewed_at = now
            for order_id, stay in held.items():
                if order_id in kept:
                    stay.leased_until = now + LEASE
                else:
                    stay.over.set()
        due = await loop.run_in_executor(leases, self._lease_due, now)
        for order in due:
            self._take(order, now + LEASE)
        _held.set(len(self._stays))
        return bool(due)

    def _keep_leases(self, held: Collection[str], now: datetime) -> Collection[str]:
        """A lease in our name that nobody here works under is left over from a mistake of ours, and ends."""
        with self.unit_of_work():
            kept = self.orders.keep_leases(self.worker, now + LEASE)
            for order_id in kept:
                if order_id not in held:
                    self.orders.give_back(order_id, self.worker)
        return kept

    def _lease_due(self, now: datetime) -> Sequence[Order | UnreadableOrder]:
        room = MOST_ORDERS - len(self._stays)
        with self.unit_of_work():
            due = self.orders.lease_due(self.worker, now, now + LEASE, min(room, MOST_AT_ONCE)) if room > 0 else ()
        self.at_work(now)
        return due

    def _take(self, order: Order | UnreadableOrder, until: datetime) -> None:
        """One that is still in our hands was leased once more after its lease had ended; it stays where it is."""
        if order.id in self._stays:
            return
        stay = self._stays[order.id] = Stay(until, self.clock)
        task = asyncio.create_task(self._safely(order, stay))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _safely(self, order: Order | UnreadableOrder, stay: Stay) -> None:
        outcome = "done"
        try:
            await self.collector.work_on(order, stay)
        except Overtaken:
            outcome = "overtaken"
            _log.info("overtaken", order_id=order.id)
            await self._give_back(order.id)
        except NotWritten as problem:
            outcome = "not_written"
            _log.error("not written", order_id=order.id, reason=problem.reason)
            await self._give_back(order.id)
        except Exception:  # noqa: BLE001 - one order's trouble must not become the others'
            outcome = "failed"
            _log.exception("work failed", order_id=order.id)
        finally:
            del self._stays[order.id]
        _ended.labels(outcome=outcome).inc()

    async def _give_back(self, order_id: str) -> None:
        """So that it is done at once by the next worker, which reads it afresh."""
        try:
            await self.collector.write(lambda: self.orders.give_back(order_id, self.worker))
        except NotWritten:
            _log.warning("lease not given back", order_id=order_id)  # it ends with the next renewal
