import pytest

from idp.core.events import FixationSuspected
from idp.core.identification.bankid.come_back import ComeBack
from idp.core.identification.bankid.start_order import nonce_hash
from idp_tests.builders import NOW
from idp_tests.recorder import Recorder

ASKED = ("i1", nonce_hash("nonce"), NOW)


def come_back(ports: Recorder) -> ComeBack:
    return ComeBack(orders=ports.port("orders"), audit=ports.port("audit"))


@pytest.mark.parametrize("is_noted", [True, False])
def test_a_return_to_the_browser_that_began_is_noted_by_the_nonces_hash(is_noted: bool) -> None:
    ports = Recorder({"orders.returned": is_noted})
    assert come_back(ports).here("i1", "nonce", NOW) is is_noted
    assert ports.arguments("orders.returned") == ASKED
    assert ports.names == ["orders.returned"]


def test_a_return_to_another_browser_gives_the_order_up_first_and_is_written_down() -> None:
    ports = Recorder({"orders.strayed": True})
    come_back(ports).elsewhere("i1", "nonce", NOW)
    assert ports.names == ["orders.strayed", "audit bankid.fixation_suspected"]
    assert ports.arguments("orders.strayed") == ASKED
    assert ports.event(FixationSuspected).identification_id == "i1"


def test_who_makes_nonces_up_gives_nothing_up_and_fills_no_log() -> None:
    ports = Recorder({"orders.strayed": False})
    come_back(ports).elsewhere("i1", "nonce", NOW)
    assert ports.names == ["orders.strayed"]
