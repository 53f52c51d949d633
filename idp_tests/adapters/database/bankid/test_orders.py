"""BankID orders: one living order per interaction, one worker per order, one use of a completion."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from idp.adapters.database.bankid.order_leases import OVERDUE_AFTER
from idp.adapters.database.bankid.orders import DatabaseOrders
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import bankid_orders
from idp.core.identification.bankid.api import Complete, Completion, Failed, Pending, Risk, StartedOrder, User
from idp.core.identification.bankid.order import STRAYED, Launch, Order, OrderState
from idp.core.identification.bankid.order_request import OrderRequest
from idp.core.identification.bankid.ports import UnreadableOrder, WantedOrder
from idp.core.ids import new_id
from idp.core.overtaken import Overtaken
from idp_tests.adapters.database.seeds import not_overtaken, open_interaction, race
from idp_tests.databases import CIPHER, NOW, Statements, a_cipher

pytestmark = pytest.mark.usefixtures("database_context")

ORDERS = DatabaseOrders(CIPHER)
SOON = NOW + timedelta(seconds=2)
LEASED = NOW + timedelta(seconds=30)
STARTED = StartedOrder(order_ref="ref", auto_start_token="auto", qr_start_token="qr", qr_start_secret="secret")
COMPLETION = Completion(
    user=User(personal_number="199001010017", name="Anna A", given_name="Anna", surname="A"),
    device_ip="192.0.2.9",
    device_uhi="uhi",
    issue_date=None,
    signature="c2ln",
    ocsp="b2NzcA==",
    risk=Risk.LOW,
)


def _wanted(identification_id: str, **fields: object) -> WantedOrder:
    order = WantedOrder(
        id=new_id(NOW),
        identification_id=identification_id,
        launch=Launch.QR,
        request=OrderRequest(end_user_ip="192.0.2.7", user_visible_data="Logga in"),
        return_nonce_hash="nonce",
        wanted_at=NOW,
    )
    return replace(order, **fields)  # type: ignore[arg-type]


def _want() -> WantedOrder:
    with unit_of_work():
        order = _wanted(open_interaction().id)
        ORDERS.want(order, NOW)
    return order


def _lease(worker: str = "one") -> list[Order]:
    with unit_of_work():
        return [order for order in ORDERS.lease_due(worker, NOW, LEASED, 10) if isinstance(order, Order)]


def _pending() -> WantedOrder:
    order = _want()
    _lease()
    with unit_of_work():
        ORDERS.started(order.id, "one", STARTED, NOW, NOW)
    return order


def _complete() -> WantedOrder:
    order = _pending()
    with unit_of_work():
        ORDERS.ended(order.id, Complete(COMPLETION), SOON)
    return order


def _now(order: WantedOrder) -> Order:
    with unit_of_work():
        current = ORDERS.current(order.identification_id)
    assert current is not None
    return current


def _state(order: WantedOrder) -> str:
    with unit_of_work():
        statement = select(bankid_orders.c.state).where(bankid_orders.c.id == order.id)
        return str(connection().execute(statement).scalar_one())


def test_a_wanted_order_is_what_the_page_sees_and_what_the_collector_starts() -> None:
    order = _want()

    assert _now(order).state is OrderState.WANTED
    [due] = _lease()
    assert (due.id, due.launch, due.request) == (order.id, Launch.QR, order.request)


def test_an_order_needs_no_login_by_a_browser() -> None:
    order = _wanted("a call from the support desk")
    with unit_of_work():
        ORDERS.want(order, NOW)

    assert _now(order).identification_id == "a call from the support desk"
    [due] = _lease()
    assert due.id == order.id


def test_a_second_wish_drops_the_first_order() -> None:
    first = _want()
    second = _wanted(first.identification_id, launch=Launch.SAME_DEVICE)
    with unit_of_work():
        ORDERS.want(second, SOON)

    assert _now(first).id == second.id
    assert _state(first) == "dropped"


def test_fifty_wishes_at_once_leave_one_living_order(database_app: Flask) -> None:
    identification_id = _want().identification_id

    race(database_app, lambda: ORDERS.want(_wanted(identification_id), SOON))

    with unit_of_work():
        living = select(func.count()).where(bankid_orders.c.state == "wanted")
        assert connection().execute(living).scalar_one() == 1


def test_an_order_is_leased_by_one_worker_until_its_lease_ends() -> None:
    _want()

    assert len(_lease("one")) == 1
    assert _lease("two") == []
    with unit_of_work():
        assert len(ORDERS.lease_due("two", LEASED, LEASED + timedelta(seconds=30), 10)) == 1


def test_many_workers_at_once_lease_each_order_once(database_app: Flask) -> None:
    orders = {_want().id for _ in range(12)}

    leased = race(database_app, lambda: [order.id for order in ORDERS.lease_due("any", NOW, LEASED, 5)], runners=10)

    ids = [order_id for batch in leased for order_id in batch]
    assert len(ids) == len(set(ids))
    assert set(ids) <= orders


def test_a_started_order_carries_what_the_qr_code_needs() -> None:
    order = _pending()

    seen = _now(order)
    assert seen.state is OrderState.PENDING
    assert (seen.order_ref, seen.auto_start_token) == ("ref", "auto")
    assert (seen.qr_start_token, seen.qr_start_secret) == ("qr", "secret")
    assert seen.started_at == NOW


def test_only_the_worker_with_the_lease_starts_an_order() -> None:
    order = _want()
    _lease("one")

    with unit_of_work():
        with pytest.raises(Overtaken):
            ORDERS.started(order.id, "two", STARTED, NOW, SOON)
        with pytest.raises(Overtaken):
            ORDERS.start_failed(order.id, "two", "alreadyInProgress", NOW)
    assert _now(order).state is OrderState.WANTED


def test_an_order_dropped_while_it_was_started_is_due_for_cancellation() -> None:
    order = _want()
    _lease()
    with unit_of_work():
        ORDERS.drop(order.identification_id, NOW)
        ORDERS.started(order.id, "one", STARTED, NOW, SOON)

    [due] = _lease("two")
    assert (due.state, due.order_ref) == (OrderState.DROPPED, "ref")
    with unit_of_work():
        ORDERS.cancelled(order.id, "two", NOW)
    assert _lease("three") == []


def test_a_dropped_order_that_never_started_is_nobodys_work() -> None:
    order = _want()
    with unit_of_work():
        assert ORDERS.drop(order.identification_id, NOW)
        assert not ORDERS.drop(order.identification_id, NOW)
        assert ORDERS.current(order.identification_id) is None

    assert _lease() == []


def test_a_failed_start_ends_the_order_with_its_code() -> None:
    order = _want()
    _lease()
    with unit_of_work():
        ORDERS.start_failed(order.id, "one", "maintenance", SOON)

    assert (_now(order).state, _now(order).hint_code) == (OrderState.FAILED, "maintenance")
    assert _lease("two") == []


def test_a_hint_keeps_the_time_since_when_it_is_said() -> None:
    order = _pending()
    for second, hint in enumerate(("outstandingTransaction", "userSign", "userSign")):
        at = NOW + timedelta(seconds=second)
        with unit_of_work():
            ORDERS.lease_due("one", at, at + timedelta(seconds=30), 1)
            ORDERS.seen(order.id, "one", Pending(hint), at)

    assert (_now(order).hint_code, _now(order).hint_since) == ("userSign", NOW + timedelta(seconds=1))


def test_a_hint_of_a_worker_without_the_lease_is_not_taken() -> None:
    order = _pending()

    with unit_of_work(), pytest.raises(Overtaken):
        ORDERS.seen(order.id, "two", Pending("userSign"), SOON)


def test_a_terminal_answer_is_stored_without_a_lease() -> None:
    order = _pending()

    with unit_of_work():
        ORDERS.ended(order.id, Complete(COMPLETION), SOON)

    assert (_now(order).state, _now(order).completion) == (OrderState.COMPLETE, COMPLETION)


def test_a_dropped_order_never_completes() -> None:
    order = _pending()

    with unit_of_work():
        ORDERS.drop(order.identification_id, NOW)
        with pytest.raises(Overtaken):
            ORDERS.ended(order.id, Complete(COMPLETION), SOON)
    assert _state(order) == "dropped"


def test_a_failure_is_final() -> None:
    order = _pending()

    with unit_of_work():
        ORDERS.ended(order.id, Failed("userCancel"), SOON)
        with pytest.raises(Overtaken):
            ORDERS.ended(order.id, Complete(COMPLETION), SOON)
    assert (_now(order).state, _now(order).hint_code) == (OrderState.FAILED, "userCancel")


def test_bankid_that_did_not_answer_is_asked_again() -> None:
    order = _pending()
    _lease()

    with unit_of_work():
        ORDERS.ask_again(order.id, "one", SOON)
        assert not ORDERS.lease_due("two", NOW, LEASED, 10)
        assert len(ORDERS.lease_due("two", SOON, LEASED, 10)) == 1


def test_a_completion_is_used_once_and_erased() -> None:
    order = _complete()

    with unit_of_work():
        ORDERS.use(order.id, SOON)
        with pytest.raises(Overtaken):
            ORDERS.use(order.id, SOON)
    assert (_now(order).state, _now(order).completion) == (OrderState.USED, None)


def test_of_fifty_that_use_one_completion_at_once_exactly_one_gets_it(database_app: Flask) -> None:
    order = _complete()

    outcomes = race(database_app, lambda: not_overtaken(lambda: ORDERS.use(order.id, SOON)))

    assert outcomes.count(True) == 1


def test_a_rejected_completion_is_erased_and_fails() -> None:
    order = _complete()

    with unit_of_work():
        ORDERS.reject(order.id, "otherPerson", SOON)
        with pytest.raises(Overtaken):
            ORDERS.use(order.id, SOON)
        with pytest.raises(Overtaken):
            ORDERS.reject(order.id, "otherPerson", SOON)
    assert (_now(order).hint_code, _now(order).completion) == ("otherPerson", None)


def test_a_restart_replaces_a_pending_order_and_leaves_nothing_to_cancel() -> None:
    order = _pending()
    _lease()
    successor = _wanted(order.identification_id, restarts=1)
    with unit_of_work():
        ORDERS.restart(order.id, "one", successor, SOON)
        with pytest.raises(Overtaken):
            ORDERS.restart(order.id, "one", _wanted(order.identification_id), SOON)

    assert (_now(order).id, _now(order).restarts) == (successor.id, 1)
    with unit_of_work():
        assert [due.id for due in ORDERS.lease_due("two", LEASED, LEASED, 10)] == [successor.id]


def test_a_return_counts_with_the_right_nonce_of_the_living_order_only() -> None:
    order = _pending()

    with unit_of_work():
        assert not ORDERS.returned(order.identification_id, "other", SOON)
        assert ORDERS.returned(order.identification_id, "nonce", SOON)
    assert _now(order).returned_at == SOON


def test_a_return_to_a_strange_browser_ends_even_a_completed_order_and_the_first_browser_hears_why() -> None:
    order = _complete()

    with unit_of_work():
        assert not ORDERS.strayed(order.identification_id, "other", SOON)
        assert ORDERS.strayed(order.identification_id, "nonce", SOON)
        with pytest.raises(Overtaken):
            ORDERS.use(order.id, SOON)
    ended = _now(order)
    assert (ended.state, ended.hint_code, ended.completion) == (OrderState.FAILED, STRAYED, None)


def test_an_order_that_strayed_is_not_completed_by_a_collect_that_was_on_its_way() -> None:
    order = _pending()
    with unit_of_work():
        assert ORDERS.strayed(order.identification_id, "nonce", SOON)
        with pytest.raises(Overtaken):
            ORDERS.ended(order.id, Complete(COMPLETION), SOON)
        assert not ORDERS.strayed(order.identification_id, "nonce", SOON), "what is over stays over"
        assert not ORDERS.lease_due("two", LEASED, LEASED, 10)
    assert _now(order).hint_code == STRAYED


def test_an_order_that_no_key_opens_is_told_as_that_and_can_be_given_up() -> None:
    order, elsewhere = _want(), DatabaseOrders(a_cipher({2: bytes(32)}))
    with unit_of_work():
        assert elsewhere.lease_due("one", NOW, LEASED, 10) == [UnreadableOrder(order.id, NOW)]
        with pytest.raises(Overtaken):
            elsewhere.given_up(order.id, "two")
        elsewhere.given_up(order.id, "one")
    assert _state(order) == "dropped"
    assert _lease("two") == []


def test_a_frame_is_one_read_and_one_write_each_five_seconds(statements: Statements) -> None:
    order = _pending()
    statements.forget()
    _now(order)
    assert statements.count == 1

    with unit_of_work():
        ORDERS.watched(_now(order), NOW)
    noted = _now(order)
    statements.forget()
    with unit_of_work():
        ORDERS.watched(noted, NOW + timedelta(seconds=4))
        assert statements.count == 0
        ORDERS.watched(noted, NOW + timedelta(seconds=5))
        assert statements.count == 1
    assert _now(order).polled_at == NOW + timedelta(seconds=5)


def test_an_idle_collector_writes_nothing(statements: Statements) -> None:
    with unit_of_work():
        statements.forget()
        assert not ORDERS.lease_due("one", NOW, LEASED, 10)
    assert [text for text in statements.texts if not text.startswith("SELECT")] == []


def test_the_leases_of_a_dead_process_are_freed_by_its_node_only() -> None:
    _want()
    _lease("node_1.abcd")
    with unit_of_work():
        assert ORDERS.release("node-1.") == 0
        assert ORDERS.release("node_1.") == 1

    assert len(_lease("node_1.efgh")) == 1


def test_orders_that_no_collector_came_for_are_overdue() -> None:
    _want()
    with unit_of_work():
        assert ORDERS.overdue(NOW + timedelta(seconds=29)) == 0
        assert ORDERS.overdue(NOW + timedelta(seconds=30)) == 1


def test_a_worker_keeps_what_it_holds_until_the_order_ends() -> None:
    order = _pending()
    with unit_of_work():
        ORDERS.lease_due("one", SOON, SOON, 1)
        assert ORDERS.keep_leases("one", LEASED) == {order.id}
        assert ORDERS.keep_leases("two", LEASED) == set()
        ORDERS.seen(order.id, "one", Pending("userSign"), SOON)
        assert not ORDERS.lease_due("two", SOON, LEASED, 10), "a hint ends no lease"
        ORDERS.ended(order.id, Failed("userCancel"), SOON)
        assert ORDERS.keep_leases("one", LEASED) == set()


def test_an_order_that_is_given_up_is_taken_from_its_worker_and_cancelled_at_once() -> None:
    order = _pending()
    with unit_of_work():
        ORDERS.lease_due("one", SOON, LEASED, 1)
        ORDERS.drop(order.identification_id, SOON)
        assert ORDERS.keep_leases("one", LEASED) == frozenset()
        with pytest.raises(Overtaken):
            ORDERS.seen(order.id, "one", Pending("userSign"), SOON)
        assert [due.id for due in ORDERS.lease_due("two", SOON, LEASED, 10)] == [order.id]


def test_an_order_that_is_given_up_while_it_is_started_stays_with_its_worker() -> None:
    """Nobody else could cancel it: its reference is on its way to that worker."""
    with unit_of_work():
        wanted = _wanted(open_interaction().id)
        ORDERS.want(wanted, NOW)
        ORDERS.lease_due("one", SOON, LEASED, 1)
        ORDERS.drop(wanted.identification_id, SOON)
        ORDERS.started(wanted.id, "one", STARTED, SOON, LEASED)
        assert [due.id for due in ORDERS.lease_due("two", SOON, LEASED, 10)] == [wanted.id], "due for its cancellation"


def test_an_order_in_a_workers_hands_is_not_overdue() -> None:
    _pending()
    late = SOON + OVERDUE_AFTER
    with unit_of_work():
        assert ORDERS.overdue(late) == 1
        ORDERS.lease_due("one", SOON, late + timedelta(seconds=1), 1)
        assert ORDERS.overdue(late) == 0
        assert ORDERS.overdue(late + timedelta(seconds=1)) == 1
