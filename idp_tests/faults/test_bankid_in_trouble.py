"""BankID is closed, overloaded, slow or silent: the person reads so, can try again, and nobody else notices."""

import pytest

from idp_tests.journeys.by_hand import ByHand
from idp_tests.journeys.world import CUSTOMER, RunningWorld
from idp_tests.patience import soon

AUTH = {"operation": "auth", "times": 50}
OUT_OF_REACH = "BankID svarar inte just nu. Vänta en stund och försök igen."


@pytest.fixture(scope="module")
def logged_in(whole_world: RunningWorld, known: str) -> ByHand:
    """Somebody who was logged in at MittPreZero before BankID got into trouble."""
    person = ByHand(whole_world).log_in_at_mittprezero().identify(known)
    return person.follow("continue")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http", "status": 503, "errorCode": "Maintenance"},
        {"kind": "http", "status": 408},
        {"kind": "garbage"},
        {"kind": "reset"},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}".strip(),
)
def test_a_start_that_fails_is_told_kindly_and_can_be_tried_again(
    world: RunningWorld, fault: dict[str, object]
) -> None:
    person = ByHand(world).log_in_at_minasidor()
    world.phone.direct(faults=[AUTH | fault])
    person.press("/bankid/start", launch="qr")
    told = person.wait_until("failed")
    assert told["start"]
    assert "BankID" in str(told["message"])
    assert "BankID" in person.get(person.url).source
    assert person.heading == "Logga in på MinaSidor"
    world.phone.behave()
    assert person.start().status_now()["qr"]
    person.press("/bankid/cancel")  # or its end would take the next test's fault


def test_a_short_stop_at_bankid_is_not_noticed(world: RunningWorld, known: str) -> None:
    person = ByHand(world).log_in_at_minasidor()
    world.phone.direct(
        faults=[
            {"kind": "http", "operation": "auth", "status": 429},
            {"kind": "reset", "operation": "collect"},
        ]
    )
    person.start()
    soon(lambda: not world.phone.faults_left(), "every fault has happened")
    world.phone.approve(person.scan(known))
    assert person.go_on().customer_number == CUSTOMER


def test_the_once_only_answer_lost_on_its_way_lets_the_person_try_again(world: RunningWorld, known: str) -> None:
    person = ByHand(world).log_in_at_minasidor().start()
    world.phone.direct(faults=[{"kind": "lost_response"}])
    world.phone.approve(person.scan(known))
    told = person.wait_until("failed")
    assert told["start"]
    assert told["code"]
    assert "svaret gick förlorat på vägen" in str(told["message"])
    assert person.get(person.url).identify(known).customer_number == CUSTOMER


def test_a_person_who_is_logged_in_notices_nothing_while_bankid_is_silent(
    world: RunningWorld, logged_in: ByHand
) -> None:
    """Ten seconds is how long the provider waits for an answer; the pages answer at once meanwhile."""
    stranger = ByHand(world).log_in_at_minasidor()
    world.phone.direct(faults=[AUTH | {"kind": "slow", "seconds": 11}])
    stranger.press("/bankid/start", launch="qr")
    assert logged_in.get(world.mittprezero).press("/refresh").customer_number == CUSTOMER
    assert logged_in.log_in_at_minasidor().customer_number == CUSTOMER
    assert stranger.get(stranger.url).heading == "Logga in på MinaSidor"
    told = stranger.wait_until("failed")
    assert told["message"] == OUT_OF_REACH
    stranger.get(stranger.url).press("/bankid/cancel").press("/leave")
    assert stranger.url.startswith(world.minasidor)
