from typing import Any

import pytest

from idp.core.budgets import Exhausted
from idp.core.events import BankIdCancelled
from idp.core.identification.assertion import NotBelieved
from idp.core.identification.bankid.method import BankIdMethod, find_present
from idp.core.identification.bankid.method import standing as standing_of
from idp.core.identification.bankid.order import PAUSED, OrderState
from idp.core.identification.bankid.trust import Distrust, Distrusted
from idp.core.identification.method import AnyMethod, Identification, Standing
from idp.core.overtaken import Overtaken
from idp_tests.builders import NOW, an_assertion, an_order
from idp_tests.cases import each
from idp_tests.recorder import Recorder

IDENTIFICATION = Identification(id="i1", reason="no_session", binding=b"bound")


def bankid(ports: Recorder) -> BankIdMethod:
    judge: Any = ports.function("judge")
    start: Any = ports.function("start_order")
    return BankIdMethod(start_order=start, judge=judge, orders=ports.port("orders"), audit=ports.port("audit"))


def complete(ports: Recorder) -> Any:
    any_method: AnyMethod = bankid(ports)
    return any_method.complete("i1", NOW)


def test_a_start_wants_an_order_within_the_limits() -> None:
    start_request: Any = object()
    exhausted = Exhausted({"order.browser b": NOW})
    assert bankid(Recorder({"start_order": object()})).start(IDENTIFICATION, start_request, NOW) is None
    ports = Recorder({"start_order": exhausted})
    assert bankid(ports).start(IDENTIFICATION, start_request, NOW) == exhausted
    assert ports.arguments("start_order") == (IDENTIFICATION, start_request, NOW)


@each(
    "order, standing",
    [
        (None, Standing.NOTHING),
        (an_order(state=OrderState.WANTED), Standing.UNDER_WAY),
        (an_order(state=OrderState.PENDING, hint_code="maintenance"), Standing.UNDER_WAY),
        (an_order(), Standing.READY),
        (an_order(return_nonce_hash="n"), Standing.UNDER_WAY),
        (an_order(return_nonce_hash="n", returned_at=NOW), Standing.READY),
        (an_order(state=OrderState.USED), Standing.NOTHING),
        (an_order(state=OrderState.DROPPED), Standing.NOTHING),
        (an_order(state=OrderState.FAILED, hint_code="userCancel"), Standing.FAILED),
        (an_order(state=OrderState.FAILED, hint_code=PAUSED), Standing.FAILED),
        (an_order(state=OrderState.FAILED, hint_code="maintenance"), Standing.OUT_OF_REACH),
        (an_order(state=OrderState.FAILED, hint_code="tls"), Standing.OUT_OF_REACH),
        (an_order(state=OrderState.FAILED, hint_code="answerUnreadable"), Standing.OUT_OF_REACH),
        (an_order(state=OrderState.FAILED, hint_code="answerLost"), Standing.OUT_OF_REACH),
    ],
)
def test_an_order_stands_in_the_words_of_every_method(order: Any, standing: Standing) -> None:
    assert bankid(Recorder({"orders.current": order})).look("i1") is standing


@each("state", [OrderState.WANTED, OrderState.PENDING, OrderState.COMPLETE, OrderState.FAILED])
def test_a_present_order_is_given_up(state: OrderState) -> None:
    ports = Recorder({"orders.current": an_order(state=state), "orders.drop": True})
    assert bankid(ports).cancel("i1", NOW) is standing_of(an_order(state=state))
    assert ports.names == ["orders.current", "orders.drop", "audit bankid.cancelled"]
    assert ports.event(BankIdCancelled).identification_id == "i1"


def test_an_order_that_another_start_requestgave_up_is_told_of_once() -> None:
    ports = Recorder({"orders.current": an_order(), "orders.drop": False})
    bankid(ports).cancel("i1", NOW)
    assert ports.names == ["orders.current", "orders.drop"]


@each("present", [None, an_order(state=OrderState.USED)])
def test_where_there_is_nothing_to_give_up_nothing_is_written(present: Any) -> None:
    ports = Recorder({"orders.current": present})
    bankid(ports).cancel("i1", NOW)
    assert ports.names == ["orders.current"]


def test_a_complete_order_is_used_up_and_becomes_an_assertion() -> None:
    ports = Recorder({"orders.current": an_order(), "judge": an_assertion()})
    assert complete(ports) == an_assertion()
    assert ports.names == ["orders.current", "judge", "orders.use"]


@each("order", [None, an_order(state=OrderState.PENDING), an_order(return_nonce_hash="n")])
def test_an_order_that_is_not_ready_is_neither_judged_nor_used(order: Any) -> None:
    ports = Recorder({"orders.current": order})
    assert complete(ports) is None
    assert ports.names == ["orders.current"]


def test_an_order_that_is_not_believed_fails_and_says_why() -> None:
    distrusted = Distrusted(reason=Distrust.EVIDENCE, detail="no chain")
    ports = Recorder({"orders.current": an_order(), "judge": distrusted})
    assert complete(ports) == NotBelieved(reference="o1", reason="evidenceRefused", evidence_problem="no chain")
    assert ports.names == ["orders.current", "judge", "orders.reject"]
    assert ports.arguments("orders.reject") == ("o1", Distrust.EVIDENCE, NOW)


@each("judged", [an_assertion(), Distrusted(reason=Distrust.RISK)])
def test_an_order_that_another_start_requestused_up_is_overtaken(judged: Any) -> None:
    lost = {"orders.use": Overtaken, "orders.reject": Overtaken}
    with pytest.raises(Overtaken):
        complete(Recorder({"orders.current": an_order(), "judge": judged, **lost}))


@each("state", list(OrderState))
def test_a_page_is_about_the_present_order_unless_it_was_used_up(state: OrderState) -> None:
    order = an_order(state=state)
    found = find_present(Recorder({"orders.current": order}).port("orders"), "i1")
    assert found == (None if state is OrderState.USED else order)


def test_a_page_without_an_order_is_about_none() -> None:
    assert find_present(Recorder().port("orders"), "i1") is None
