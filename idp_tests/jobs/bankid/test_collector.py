"""The collector: it starts, collects, follows and cancels orders under leases, and tells what stands."""

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.core.identification.bankid.api import (
    Answered,
    BankIdMisused,
    BankIdRefused,
    BankIdUnavailable,
    Complete,
    Failed,
    OrderGone,
    Pending,
)
from idp.core.identification.bankid.breaker import FEWEST, NOT_ASKED, PROBE_EVERY, Breaker
from idp.core.identification.bankid.messages import stopped_message
from idp.core.identification.bankid.order import LOST, PAUSED, Launch, Order, OrderState
from idp.core.identification.bankid.work_on_order import (
    ABANDONED_AFTER,
    ORDER_LIFE,
    RETRY_START_FOR,
    UNREADABLE_FOR,
    WATCHED_WITHIN,
)
from idp.core.overtaken import Overtaken
from idp.jobs.bankid.waiting_room import LEASE
from idp_tests.adapters.database.seeds import open_interaction
from idp_tests.at_once import at_once
from idp_tests.builders import a_completion
from idp_tests.databases import NOW, a_cipher
from idp_tests.jobs.bankid.bench import Bench, a_wanted_order
from idp_tests.scripted_bankid import ScriptedBankId

pytestmark = pytest.mark.each_database

NONSENSE = b'{"status": "complete", "nonsense": true}'


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


def test_while_nothing_changes_nothing_is_written(bench: Bench) -> None:
    bench.want()
    bench.beat()
    (held,) = bench.later().lease()
    before = bench.commits
    at_once(bench.collector.work_on(held, bench.stay(5)))
    assert (bench.bankid.collects, bench.commits - before) == (6, 2), "the first hint, and that it is handed back"
    assert bench.now_stored().hint_code == "outstandingTransaction"
    assert not bench.beat(), "not more often than every other second, whoever asks"
    assert bench.later().beat()


def test_a_person_who_opens_the_app_is_seen_while_the_order_stays(bench: Bench) -> None:
    bench.want()
    bench.beat()
    (held,) = bench.later().lease()
    bench.bankid.tell(Pending("userSign"))
    at_once(bench.collector.work_on(held, bench.stay(1)))
    assert (bench.order.hint_code, bench.order.state) == ("userSign", OrderState.PENDING)
    (held,) = bench.later().lease()
    bench.bankid.tell(Complete(a_completion()))
    at_once(bench.collector.work_on(held, bench.stay(1)))
    assert bench.now_stored().state is OrderState.COMPLETE


def test_trouble_with_an_order_is_told_once_while_it_lasts(bench: Bench) -> None:
    bench.want()
    bench.beat()
    (held,) = bench.later().lease()
    bench.bankid.tell(BankIdUnavailable("network", retryable=True))
    with capture_logs() as logs:
        at_once(bench.collector.work_on(held, bench.stay(5)))
    assert [entry["event"] for entry in logs] == ["collect failed"]


def test_bankid_is_not_asked_for_more_orders_while_the_breaker_is_open(bench: Bench) -> None:
    breaker = Breaker()
    for _ in range(FEWEST):
        breaker.note(BankIdUnavailable("network"), bench.clock())
    collector = bench.another("node-1.a", breaker=breaker)
    bench.want()
    bench.beat(collector)
    assert (bench.bankid.requests, bench.now_stored().state) == ([], OrderState.WANTED)
    bench.later(PROBE_EVERY.total_seconds()).beat(collector)
    assert bench.now_stored().state is OrderState.PENDING, "the probe is somebody's order"
    assert breaker.refuses(bench.clock()) is None
    assert stopped_message(NOT_ASKED, Launch.QR) == BankIdUnavailable.default_message_key


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
    bench.work_on(held)
    assert bench.now_stored().state is OrderState.COMPLETE


def test_an_order_given_up_while_bankid_answered_is_cancelled_there(bench: Bench) -> None:
    bench.want()
    with bench.unit():
        (held,) = bench.orders.lease_due("node-1.a", NOW, NOW + LEASE, 10)
        bench.orders.drop(bench.interaction.id, NOW)
    bench.work_on(held)
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
        bench.work_on(held)
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


def test_an_end_that_was_overtaken_is_not_called_an_end(bench: Bench) -> None:
    bench.want()
    bench.beat()
    (held,) = bench.later().lease()
    with bench.unit():
        bench.orders.drop(bench.interaction.id, NOW)
    bench.bankid.tell(Complete(a_completion()))
    with capture_logs() as logs, pytest.raises(Overtaken):
        bench.work_on(held)
    assert logs == []


def test_an_order_given_up_while_bankid_was_asked_is_cancelled_at_once(bench: Bench) -> None:
    """Not when the lease ends that the worker had for the collect."""

    class GivenUp(ScriptedBankId):
        async def collect(self, order_ref: str) -> Pending | Answered:
            with bench.unit():
                bench.orders.drop(bench.interaction.id, bench.clock())
            return await super().collect(order_ref)

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
        async def collect(self, order_ref: str) -> Pending:
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
