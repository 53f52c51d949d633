"""A collector on a real database, before a BankID that a test decides on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Flask

from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.engine import unit_of_work
from idp.core.identification.bankid.breaker import Breaker
from idp.core.identification.bankid.order import Launch, Order
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import UnreadableOrder, WantedOrder
from idp.core.identification.bankid.work_on_order import (
    COLLECT_EVERY,
)
from idp.core.ids import new_id
from idp.core.signin.interaction import Interaction
from idp.jobs.bankid.collector import Collector, Stay
from idp.jobs.bankid.waiting_room import LEASE
from idp.jobs.patient_write import PatientWrite
from idp_tests.adapters.database.seeds import open_interaction
from idp_tests.at_once import WriteHere, at_once, hand_back
from idp_tests.databases import CIPHER, NOW
from idp_tests.jobs.one_beat import one_beat
from idp_tests.provider import Clock
from idp_tests.scripted_bankid import ScriptedBankId


class Bench:
    """A collector on a real database, a scripted BankID, and time that stands still until it is moved."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.clock = Clock()
        self.clock.now = NOW
        self.fail_commits = 0
        self.commits = 0
        self.bankid = ScriptedBankId()
        self.orders = DatabaseOrders(CIPHER)
        self.collector = self.another("node-1.a")
        with self.unit():
            self.interaction: Interaction = open_interaction()

    @contextmanager
    def unit(self) -> Iterator[None]:
        with self.app.app_context(), unit_of_work():
            yield
            self.commits += 1
            if self.fail_commits:
                self.fail_commits -= 1
                raise OSError("the disk is full")

    def another(self, worker: str, **changes: object) -> Collector:
        collector = Collector(
            orders=self.orders,
            bankid=self.bankid,
            write=WriteHere(PatientWrite(unit_of_work=self.unit, clock=self.clock, wait=self.wait)),
            clock=self.clock,
            worker=worker,
            chain=timedelta(seconds=180),
            breaker=Breaker(),
        )
        return replace(collector, **changes)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    def want(self, launch: Launch = Launch.QR) -> str:
        order = a_wanted_order(self.interaction, launch, self.clock())
        with self.unit():
            self.orders.want(order, self.clock())
        return order.id

    def lease(self) -> Sequence[Order]:
        with self.unit():
            due = self.orders.lease_due("node-1.a", self.clock(), self.clock() + LEASE, 10)
        return [order for order in due if isinstance(order, Order)]

    def beat(self, collector: Collector | None = None) -> bool:
        worker = collector or self.collector
        return one_beat(
            worker.orders,
            lambda order: at_once(worker.work_on(order, hand_back)),
            unit_of_work=self.unit,
            clock=self.clock,
            worker=worker.worker,
            lease=LEASE,
        )

    def work_on(self, order: Order | UnreadableOrder, collector: Collector | None = None) -> None:
        at_once((collector or self.collector).work_on(order, hand_back))

    def stay(self, times: int) -> Stay:
        """Lets an order stay for so many collects more; the time passes as it is waited for."""

        async def wait(until: datetime) -> bool:
            nonlocal times
            if times == 0:
                return False
            self.clock.now, times = until, times - 1
            return True

        return wait

    def later(self, seconds: float = COLLECT_EVERY.total_seconds()) -> "Bench":
        self.clock.advance(seconds=seconds)
        return self

    def look(self) -> None:
        """The page polls, so the order is watched."""
        with self.unit():
            current = self.orders.current(self.interaction.id)
            assert current
            self.orders.watched(current, self.clock())

    @property
    def order(self) -> Order:
        return self.now_stored()

    def now_stored(self) -> Order:
        with self.unit():
            current = self.orders.current(self.interaction.id)
        assert current is not None
        return current


def a_wanted_order(interaction: Interaction, launch: Launch, now: datetime) -> WantedOrder:
    request = OrderRequest(end_user_ip="192.0.2.7", user_visible_data="Logga in", user_non_visible_data=b"request")
    return WantedOrder(
        id=new_id(now),
        identification_id=interaction.id,
        launch=launch,
        request=request,
        return_nonce_hash=None,
        wanted_at=now,
    )
