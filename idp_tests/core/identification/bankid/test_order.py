import pytest

from idp.core.identification.bankid.order import OrderState
from idp_tests.builders import NOW, an_order


@pytest.mark.parametrize("state", [state for state in OrderState if state is not OrderState.COMPLETE])
def test_only_a_complete_order_is_ready(state: OrderState) -> None:
    assert an_order(state=OrderState.COMPLETE).is_ready
    assert not an_order(state=state).is_ready


def test_an_order_with_a_way_back_is_ready_once_the_app_came_back() -> None:
    assert an_order(return_nonce_hash="n").must_return
    assert not an_order(return_nonce_hash="n").is_ready
    returned = an_order(return_nonce_hash="n", returned_at=NOW)
    assert (returned.must_return, returned.is_ready) == (False, True)


def test_a_log_that_prints_an_order_tells_no_secret_and_no_person() -> None:
    order = an_order(order_ref="canary-1", auto_start_token="canary-2", qr_start_secret="canary-3", answer=b"canary-4")
    assert repr(order) == "Order(o1 qr complete None)"
