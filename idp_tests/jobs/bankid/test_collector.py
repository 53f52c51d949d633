"""The collector: BankID's once-only answer is stored before anybody is told, no matter which process dies in between."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.engine import unit_of_work
from idp.core.identification.bankid.api import (
    Answered,
    BankIdMisused,
    BankIdRefused,
    BankIdUnavailable,
    Complete,
    Ended,
    Failed,
    OrderGone,
    Pending,
)
from idp.core.identification.bankid.messages import stopped_message
from idp.core.identification.bankid.order import LOST, PAUSED, UNREADABLE, Launch, Order, OrderState
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import WantedOrder
from idp.core.identification.bankid.work_on_order import (
    ABANDONED_AFTER,
    COLLECT_EVERY,
    ORDER_LIFE,
    RETRY_START_FOR,
    UNREADABLE_FOR,
    WATCHED_WITHIN,
)
from idp.core.ids import new_id
from idp.core.overtaken import Overtaken
from idp.core.signin.interaction import Interaction
from idp.jobs.bankid.collector import LEASE, Collector
from idp.jobs.patient_write import NotWritten, PatientWrite
from idp_tests.adapters.database.seeds import open_interaction
from idp_tests.builders import a_completion
from idp_tests.databases import CIPHER, NOW, a_cipher
from idp_tests.jobs.one_beat import one_beat
from idp_tests.provider import Clock
from idp_tests.scripted_bankid import ScriptedBankId

pytestmark = pytest.mark.each_database

NONSENSE = b'{"status": "complete", "nonsense": true}'


class Bench:
    """A collector on a real database, a scripted BankID, and time that stands still until it is moved."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.clock = Clock()
        self.clock.now = NOW
        self.fail_commits = 0
        self.bankid = ScriptedBankId()
        self.orders = DatabaseOrders(CIPHER)
        self.collector = self.another("node-1.a")
        with self.unit():
            self.interaction: Interaction = open_interaction()

    @contextmanager
    def unit(self) -> Iterator[None]:
        with self.app.app_context(), unit_of_work():
            yield
            if self.fail_commits:
                self.fail_commits -= 1
                raise OSError("the disk is full")

    def another(self, worker: str, **changes: object) -> Collector:
        collector = Collector(
            orders=self.orders,
            bankid=self.bankid,
            write=PatientWrite(unit_of_work=self.unit, clock=self.clock, wait=self.wait),
            clock=self.clock,
            worker=worker,
            chain=timedelta(seconds=180),
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
            worker.work_on,
            unit_of_work=self.unit,
            clock=self.clock,
            worker=worker.worker,
            lease=LEASE,
        )

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


@pytest.fixture
def bench(database_app: Flask) -> Bench:
    return Bench(database_app)


def test_a_wanted_order_is_started_once(bench: Bench) -> None:
    bench.want()
    assert bench.beat()
    assert not bench.beat()
    assert bench.now_stored().state is OrderState.PENDING
    assert len(bench.bankid.requests) == 1


def test_a_pending_order_is_collected_every_other_second_and_not_more_often(bench: Bench) -> None:
    bench.want()
    bench.beat()
    for _ in range(5):
        bench.later(1).beat()
    assert bench.bankid.collects == 2


def test_a_completed_order_is_stored_though_nobody_watches(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Complete(a_completion()))
    bench.later().beat()
    assert bench.now_stored().state is OrderState.COMPLETE
    assert bench.order.completion == a_completion()


def test_a_failed_order_keeps_bankids_word(bench: Bench) -> None:
    bench.want(Launch.SAME_DEVICE)
    bench.beat()
    bench.bankid.tell(Failed("userCancel"))
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, "userCancel")


def test_two_collectors_never_work_on_the_same_order(bench: Bench) -> None:
    bench.want()
    other = bench.another("node-2.b")
    with bench.unit():
        assert len(bench.orders.lease_due("node-1.a", NOW, NOW + LEASE, 10)) == 1
    assert not bench.beat(other)
    assert bench.bankid.requests == []


def test_the_order_of_a_dead_collector_is_taken_over_when_its_lease_ends(bench: Bench) -> None:
    bench.want()
    with bench.unit():
        bench.orders.lease_due("node-1.dead", NOW, NOW + LEASE, 10)
    bench.later(LEASE.total_seconds() + 1).look()
    assert bench.beat(bench.another("node-2.b"))
    assert bench.now_stored().state is OrderState.PENDING


def test_a_node_that_starts_again_needs_not_wait_for_its_own_leases(bench: Bench) -> None:
    bench.want()
    with bench.unit():
        bench.orders.lease_due("node-1.dead", NOW, NOW + LEASE, 10)
        assert bench.orders.release("node-1.") == 1
    assert bench.beat(bench.another("node-1.alive"))
    assert bench.now_stored().state is OrderState.PENDING


def test_a_node_frees_no_leases_but_its_own(bench: Bench) -> None:
    bench.want()
    with bench.unit():
        bench.orders.lease_due("node-12.x", NOW, NOW + LEASE, 10)
        assert bench.orders.release("node-1.") == 0
        assert bench.orders.release("node_12.") == 0


def test_an_answer_that_comes_after_the_lease_was_lost_is_stored_all_the_same(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.later()
    with bench.unit():
        (held,) = bench.orders.lease_due("node-1.a", bench.clock(), bench.clock() + LEASE, 10)
        bench.orders.release("node-1.")
        bench.orders.lease_due("node-2.b", bench.clock(), bench.clock() + LEASE, 10)
    bench.bankid.tell(Complete(a_completion()))
    bench.collector.work_on(held)
    assert bench.now_stored().state is OrderState.COMPLETE


def test_an_order_given_up_while_bankid_answered_is_cancelled_there(bench: Bench) -> None:
    bench.want()
    with bench.unit():
        (held,) = bench.orders.lease_due("node-1.a", NOW, NOW + LEASE, 10)
        bench.orders.drop(bench.interaction.id, NOW)
    bench.collector.work_on(held)
    bench.beat()
    bench.beat()
    assert bench.bankid.cancelled == [bench.bankid.latest]


def test_an_order_that_another_worker_starts_again_is_cancelled_by_the_one_that_came_late(bench: Bench) -> None:
    bench.want()
    with bench.unit():
        (held,) = bench.orders.lease_due("node-1.a", NOW, NOW + LEASE, 10)
        bench.orders.release("node-1.")
    bench.beat(bench.another("node-2.b"))
    with pytest.raises(Overtaken):
        bench.collector.work_on(held)
    assert bench.bankid.cancelled == ["order-2"]
    assert bench.order.order_ref == "order-1"


def test_a_dropped_order_is_cancelled_at_bankid_once(bench: Bench) -> None:
    bench.want()
    bench.beat()
    with bench.unit():
        bench.orders.drop(bench.interaction.id, NOW)
    bench.later().beat()
    bench.later().beat()
    assert bench.bankid.cancelled == ["order-1"]


def test_a_short_stop_at_bankid_is_waited_out(bench: Bench) -> None:
    bench.bankid.refuse_start = BankIdUnavailable("connection", retryable=True)
    bench.want()
    bench.beat()
    assert bench.now_stored().state is OrderState.WANTED
    bench.bankid.refuse_start = None
    bench.later().beat()
    assert bench.now_stored().state is OrderState.PENDING


def test_a_long_stop_at_bankid_is_told_to_the_person(bench: Bench) -> None:
    bench.bankid.refuse_start = BankIdUnavailable("connection", retryable=True)
    bench.want()
    bench.later(RETRY_START_FOR.total_seconds()).beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, "connection")


def test_a_stop_that_bankid_itself_calls_long_is_told_at_once(bench: Bench) -> None:
    bench.bankid.refuse_start = BankIdUnavailable("tooManyRequests", retryable=True, retry_after=60)
    bench.want()
    bench.beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, "tooManyRequests")


@pytest.mark.parametrize("error", [BankIdRefused("alreadyInProgress"), BankIdMisused("unauthorized")])
def test_a_start_that_bankid_refuses_is_not_tried_again(bench: Bench, error: BankIdRefused | BankIdMisused) -> None:
    bench.bankid.refuse_start = error
    bench.want()
    bench.beat()
    assert bench.now_stored().state is OrderState.FAILED
    assert not bench.later().beat()


def test_a_collect_without_an_answer_is_repeated_with_patience(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(BankIdUnavailable("maintenance", retryable=True, retry_after=7))
    bench.later().beat()
    assert bench.now_stored().state is OrderState.PENDING
    assert not bench.later(6).beat()
    bench.bankid.tell(Complete(a_completion()))
    assert bench.later(1).beat()
    assert bench.now_stored().state is OrderState.COMPLETE


@pytest.mark.parametrize("error", [BankIdMisused("unauthorized"), BankIdMisused("tls"), BankIdRefused("newCode")])
def test_a_collect_that_bankid_refuses_ends_the_order(bench: Bench, error: BankIdRefused | BankIdMisused) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(error)
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, error.code)
    assert not bench.later().beat()


def test_a_nonsensical_answer_to_a_collect_is_not_the_last_one(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later().beat()
    bench.bankid.tell(Complete(a_completion()))
    bench.later().beat()
    assert bench.now_stored().state is OrderState.COMPLETE
    assert bench.order.answer is None


def test_a_nonsensical_answer_of_a_gateway_is_forgotten_when_bankid_says_to_wait(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later().beat()
    kept = bench.order
    bench.bankid.tell(Pending("userSign"))
    bench.later().beat()
    assert (kept.answer, bench.order.answer, bench.order.state) == (NONSENSE, None, OrderState.PENDING)


def test_the_last_word_that_cannot_be_read_is_kept_and_told_as_that(bench: Bench) -> None:
    """BankID tells it once: after a change of its interface, what it said must not be lost as well."""
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    with capture_logs() as logs:
        bench.later().beat()
    assert [entry["event"] for entry in logs] == ["answer not readable"]
    assert "nonsense" not in str(logs)
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, UNREADABLE)
    assert bench.order.answer == NONSENSE
    assert stopped_message(UNREADABLE, Launch.QR) == "bankid.answer_unreadable"


def test_what_cannot_be_read_as_long_as_an_order_lives_ends_it(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later(ORDER_LIFE.total_seconds()).beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, UNREADABLE)


def test_an_outage_after_it_does_not_lose_an_answer_that_cannot_be_read(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later().beat()
    bench.bankid.tell(BankIdUnavailable("maintenance", retryable=True))
    bench.later(ORDER_LIFE.total_seconds()).beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, UNREADABLE)
    assert bench.order.answer == NONSENSE


def test_an_answer_is_kept_before_it_is_read_and_another_worker_reads_it(bench: Bench) -> None:
    """Whatever ends the process between the two, BankID would not tell it again."""

    class Killed(ScriptedBankId):
        def read(self, body: bytes, order_ref: str) -> Ended:
            raise SystemExit

    bench.want()
    bench.beat()
    killed = Killed(answers=bench.bankid.answers, requests=bench.bankid.requests)
    killed.tell(Complete(a_completion()))
    with pytest.raises(SystemExit):
        bench.another("node-2.a", bankid=killed).work_on(bench.order)
    assert bench.order.state is OrderState.PENDING
    collected = bench.bankid.collects

    bench.later().beat()
    assert bench.order.completion == a_completion()
    assert bench.bankid.collects == collected


def test_the_once_only_answer_stays_in_hand_while_its_commit_fails(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Complete(a_completion()))
    (held,) = bench.later().lease()
    bench.fail_commits = 5
    bench.collector.work_on(held)
    assert bench.order.completion == a_completion()
    assert (bench.bankid.collects, bench.fail_commits) == (1, 0)


def test_an_answer_that_is_never_committed_is_told_as_lost_as_soon_as_the_database_is_back(bench: Bench) -> None:
    """Another worker asks at once, not when the lease ends, and hears that BankID has told it."""
    bench.want()
    bench.beat()
    bench.bankid.tell(Complete(a_completion()))
    (held,) = bench.later().lease()
    bench.fail_commits = 1000
    with pytest.raises(NotWritten) as lost:
        bench.collector.work_on(held)
    assert lost.value.reason == "OSError"
    assert bench.clock() - NOW < LEASE
    bench.fail_commits = 0
    with bench.unit():
        bench.orders.give_back(held.id, "node-1.a")
    assert bench.beat(bench.another("node-2.b"))
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, LOST)
    assert stopped_message(LOST, Launch.QR) == "bankid.answer_lost"


def test_a_start_whose_commit_failed_once_is_not_cancelled_because_it_may_stand(bench: Bench) -> None:
    """The commit was done, and nobody heard so: the second try finds an order that is started already."""

    @contextmanager
    def unheard() -> Iterator[None]:
        with bench.unit():
            yield
        if not waits:
            raise ConnectionError

    waits = list[float]()
    bench.want()
    (held,) = bench.lease()
    collector = bench.another(
        "node-1.a", write=PatientWrite(unit_of_work=unheard, clock=bench.clock, wait=waits.append)
    )
    with pytest.raises(NotWritten):
        collector.work_on(held)
    assert (bench.order.state, bench.bankid.cancelled) == (OrderState.PENDING, [])


def test_an_end_that_was_overtaken_is_not_called_an_end(bench: Bench) -> None:
    bench.want()
    bench.beat()
    (held,) = bench.later().lease()
    with bench.unit():
        bench.orders.drop(bench.interaction.id, NOW)
    bench.bankid.tell(Complete(a_completion()))
    with capture_logs() as logs, pytest.raises(Overtaken):
        bench.collector.work_on(held)
    assert logs == []


def test_an_order_given_up_while_bankid_was_asked_is_cancelled_at_once(bench: Bench) -> None:
    """Not when the lease ends that the worker had for the collect."""

    class GivenUp(ScriptedBankId):
        def collect(self, order_ref: str) -> Pending | Answered:
            with bench.unit():
                bench.orders.drop(bench.interaction.id, bench.clock())
            return super().collect(order_ref)

    bench.want()
    bench.beat()
    bench.later().beat(bench.another("node-1.a", bankid=GivenUp(answers=bench.bankid.answers)))
    bench.beat()
    assert bench.bankid.cancelled == ["order-1"]


def test_what_an_order_learned_after_it_was_given_up_is_not_kept(bench: Bench) -> None:
    order_id = bench.want()
    bench.beat()
    with bench.unit():
        bench.orders.drop(bench.interaction.id, bench.clock())
        with pytest.raises(Overtaken):
            bench.orders.answered(order_id, NONSENSE)


def test_nobody_waits_for_an_order_longer_than_bankid_keeps_it(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(BankIdUnavailable("maintenance", retryable=True))
    bench.later(ORDER_LIFE.total_seconds() - 1).beat()
    assert bench.now_stored().state is OrderState.PENDING
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, "maintenance")
    assert not bench.later().beat()


def test_an_order_that_was_abandoned_while_no_collector_ran_is_not_started(bench: Bench) -> None:
    bench.want()
    bench.later(1).look()
    bench.later(ABANDONED_AFTER.total_seconds()).beat()
    assert bench.bankid.requests == []
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, "requestTimeout")
    assert stopped_message(bench.order.hint_code or "", Launch.QR) == BankIdUnavailable.default_message_key


def test_an_old_order_that_somebody_still_waits_for_is_started(bench: Bench) -> None:
    bench.want()
    bench.later(ABANDONED_AFTER.total_seconds()).look()
    bench.later(WATCHED_WITHIN.total_seconds()).beat()
    assert bench.now_stored().state is OrderState.PENDING


def test_a_young_order_is_started_though_its_page_has_not_asked_yet(bench: Bench) -> None:
    bench.want()
    bench.later(ABANDONED_AFTER.total_seconds()).beat()
    assert bench.now_stored().state is OrderState.PENDING


def test_an_order_that_bankid_does_not_know_any_more_ends_with_our_own_word(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(OrderGone("invalidParameters"))
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, LOST)


def test_an_unopened_qr_order_is_followed_by_another_while_somebody_looks(bench: Bench) -> None:
    first = bench.want()
    bench.beat()
    bench.later(28).look()
    bench.bankid.tell(Failed("startFailed"))
    bench.later().beat()
    assert bench.order.id != first
    bench.beat()
    assert bench.now_stored().state is OrderState.PENDING
    assert bench.order.restarts == 1


def test_nobody_looking_means_a_pause_and_no_new_order(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Failed("startFailed"))
    bench.later(30).beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, PAUSED)
    assert len(bench.bankid.requests) == 1


def test_the_chain_of_qr_orders_ends_after_three_minutes(bench: Bench) -> None:
    bench.want()
    for _ in range(10):
        bench.beat()
        bench.later(28).look()
        if bench.now_stored().state is OrderState.PENDING:
            bench.bankid.tell(Failed("startFailed"))
        bench.later().beat()
    assert bench.order.hint_code == PAUSED
    assert len(bench.bankid.requests) == 6


def test_an_unopened_app_on_the_same_device_is_not_followed_by_another_order(bench: Bench) -> None:
    bench.want(Launch.SAME_DEVICE)
    bench.beat()
    bench.look()
    bench.bankid.tell(Failed("startFailed"))
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, "startFailed")


def test_one_order_that_cannot_be_worked_on_does_not_end_the_others(bench: Bench) -> None:
    class Broken(ScriptedBankId):
        def collect(self, order_ref: str) -> Pending:
            raise RuntimeError("a bug")

    bench.want()
    bench.beat()
    collector = bench.another("node-1.a", bankid=Broken())
    bench.later().beat(collector)
    bench.later(LEASE.total_seconds() + 1)
    bench.beat()
    assert bench.now_stored().state is OrderState.PENDING
    assert bench.bankid.collects == 1


def test_how_bankid_answers_is_shown_as_figures(bench: Bench) -> None:
    def calls(operation: str, outcome: str) -> float:
        labels = {"operation": operation, "outcome": outcome}
        return REGISTRY.get_sample_value("idp_bankid_calls_total", labels) or 0.0

    expected = [
        ("auth", "unavailable"),
        ("auth", "answered"),
        ("collect", "pending"),
        ("collect", "misused"),
        ("collect", "gone"),
        ("collect", "answered"),
        ("read", "failed"),
        ("read", "complete"),
        ("cancel", "answered"),
    ]
    before = [calls(*one) for one in expected]
    bench.bankid.refuse_start = BankIdUnavailable("connection", retryable=True)
    bench.want()
    bench.beat()
    bench.bankid.refuse_start = None
    bench.later().beat()
    bench.later().beat()
    with bench.unit():
        bench.orders.drop(bench.interaction.id, bench.clock())
    bench.later().beat()
    for answer in (
        BankIdMisused("tls"),
        OrderGone("invalidParameters"),
        Failed("userCancel"),
        Complete(a_completion()),
    ):
        bench.want()
        bench.beat()
        bench.bankid.tell(answer)
        bench.later().beat()
    more = [calls(*one) - count for one, count in zip(expected, before, strict=True)]
    assert more == [1, 5, 1, 1, 1, 2, 1, 1, 1]


def test_an_order_that_no_key_opens_is_set_aside_alone(bench: Bench) -> None:
    elsewhere = DatabaseOrders(a_cipher({2: bytes(32)}))
    with bench.unit():
        other = open_interaction(browser_hash="c" * 43)
        strange = a_wanted_order(other, Launch.QR, NOW)
        elsewhere.want(strange, NOW)
    bench.want()
    with capture_logs() as logs:
        bench.beat()
    assert bench.now_stored().state is OrderState.PENDING
    assert [entry["order_id"] for entry in logs if entry["event"] == "unreadable"] == [strange.id]
    bench.later()
    with bench.unit():
        due = elsewhere.lease_due("node-2.b", bench.clock(), bench.clock(), 9)
    assert [order.id for order in due if isinstance(order, Order)] == [strange.id]


def test_an_order_that_no_key_has_opened_for_minutes_is_given_up(bench: Bench) -> None:
    with bench.unit():
        other = open_interaction(browser_hash="c" * 43)
        DatabaseOrders(a_cipher({2: bytes(32)})).want(a_wanted_order(other, Launch.QR, NOW), NOW)
    bench.later(UNREADABLE_FOR.total_seconds()).beat()
    with bench.unit():
        assert bench.orders.current(other.id) is None
    assert not bench.later().beat()
