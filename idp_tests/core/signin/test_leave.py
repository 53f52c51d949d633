from typing import Any

import pytest

from idp.core.identification.bankid.order import OrderState
from idp.core.oidc.errors import Redirected
from idp.core.signin.interaction import Outcome
from idp.core.signin.leave import Leave
from idp.core.signin.overtaken import Overtaken
from idp_tests.builders import NOW, a_journey, a_request, an_interaction, an_order
from idp_tests.recorder import Recorder


def leave(ports: Recorder) -> Redirected:
    use_case = Leave(interactions=ports.port("interactions"), orders=ports.port("orders"), audit=ports.port("audit"))
    return use_case(a_journey(interaction=an_interaction()), NOW)


def test_the_end_comes_first_and_the_order_is_given_up_after_it() -> None:
    ports = Recorder()
    error = leave(ports)
    assert (error.code, error.reply_to) == ("access_denied", a_request().reply_to)
    assert ports.names == ["interactions.finish", "orders.current", "orders.drop", "audit login.left"]
    assert ports.arguments("interactions.finish") == (an_interaction(), None, Outcome.LEFT, NOW)


def test_an_interaction_that_ended_meanwhile_is_not_left() -> None:
    ports = Recorder({"interactions.finish": Overtaken})
    with pytest.raises(Overtaken):
        leave(ports)
    assert ports.names == ["interactions.finish"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (an_order(state=OrderState.FAILED, hint_code="maintenance"), "temporarily_unavailable"),
        (an_order(state=OrderState.FAILED, hint_code="tls"), "temporarily_unavailable"),
        (an_order(state=OrderState.FAILED, hint_code="userCancel"), "access_denied"),
        (an_order(state=OrderState.PENDING, hint_code="maintenance"), "access_denied"),
        (None, "access_denied"),
    ],
)
def test_the_client_is_told_when_bankid_was_out_of_reach(order: Any, code: str) -> None:
    assert leave(Recorder({"orders.current": order})).code == code
