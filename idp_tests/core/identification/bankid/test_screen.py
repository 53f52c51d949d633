"""What the BankID page shows for each state of its order."""

from datetime import timedelta
from typing import Any

import pytest

from idp.core.identification.bankid.launch import Browser, read_browser
from idp.core.identification.bankid.messages import MESSAGE_KEYS
from idp.core.identification.bankid.order import PAUSED, STRAYED, Launch, Order, OrderState
from idp.core.identification.bankid.screen import (
    LONGEST_START,
    RETURN_TAKES,
    Button,
    Label,
    Place,
    Screen,
    State,
    place_of,
    refused,
    screen_of,
    starting,
)
from idp.core.identification.bankid.start_order import OrderPolicy
from idp_tests.builders import NOW, an_order
from idp_tests.cases import each

COMPUTER = Place(first=Launch.QR, is_phone=False, here_offered=True, again=False)
PHONE = Place(first=Launch.SAME_DEVICE, is_phone=True, here_offered=True, again=False)
HERE, OPEN = (Button(label=label, launch=Launch.SAME_DEVICE) for label in (Label.OPEN_HERE, Label.OPEN))
ELSEWHERE = Button(label=Label.OTHER_DEVICE, launch=Launch.QR)
AGAIN_QR, AGAIN_HERE = (Button(label=Label.TRY_AGAIN, launch=launch) for launch in Launch)


def order(state: OrderState, launch: Launch = Launch.QR, **changes: Any) -> Order:
    members: dict[str, Any] = {
        "asked_at": NOW,
        "started_at": NOW,
        "qr_start_token": "67df3917-fa0d-44e5-b327-edcc928297f8",
        "qr_start_secret": "d28db9a7-4cde-429e-a983-359be676944c",
        "completion": None,
        "completed_at": None,
    }
    return an_order(state=state, launch=launch, **members | changes)


def on_computer(shown: Order | None, *, after: float = 0) -> Screen:
    return screen_of(shown, COMPUTER, NOW + timedelta(seconds=after))


def on_phone(shown: Order | None, *, after: float = 0) -> Screen:
    return screen_of(shown, PHONE, NOW + timedelta(seconds=after))


def test_without_an_order_the_likely_way_comes_first_and_the_other_is_there() -> None:
    show_code = Button(label=Label.SHOW_CODE, launch=Launch.QR)
    assert on_computer(None) == Screen(state=State.IDLE, launch=Launch.QR, start=show_code, other=HERE)
    assert on_phone(None) == Screen(state=State.IDLE, launch=Launch.SAME_DEVICE, start=OPEN, other=ELSEWHERE)


def test_a_computer_that_could_not_be_believed_is_offered_a_code_alone() -> None:
    place = Place(first=Launch.QR, is_phone=False, here_offered=False, again=False)
    assert screen_of(None, place, NOW).other is None
    assert screen_of(order(OrderState.PENDING), place, NOW).other is None


@pytest.mark.parametrize("launch", Launch)
def test_the_page_after_registering_has_a_button_of_its_own(launch: Launch) -> None:
    place = Place(first=launch, is_phone=False, here_offered=True, again=True)
    assert screen_of(None, place, NOW).start == Button(label=Label.LOG_IN_AGAIN, launch=launch)


def test_an_empty_box_never_says_that_a_code_can_be_scanned() -> None:
    shown = on_computer(order(OrderState.WANTED, started_at=None))
    assert (shown.state, shown.message, shown.has_panel) == (State.STARTING, "signin.bankid.preparing", True)
    assert shown == starting(Launch.QR, COMPUTER)
    for empty in (order(OrderState.WANTED, started_at=None, restarts=1), order(OrderState.PENDING)):
        shown = on_computer(empty, after=0 if empty.state is OrderState.WANTED else 30)
        assert (shown.frame, shown.message, shown.is_renewing) == (None, "signin.bankid.preparing", True)


def test_a_person_who_waits_for_a_start_in_vain_may_try_again() -> None:
    late = LONGEST_START / timedelta(seconds=1) + 1
    shown = on_computer(order(OrderState.WANTED, started_at=None), after=late)
    assert (shown.state, shown.message, shown.start) == (State.FAILED, "bankid.unavailable", AGAIN_QR)


def test_a_code_is_shown_with_its_seconds() -> None:
    shown = on_computer(order(OrderState.PENDING), after=3)
    assert shown.frame is not None
    assert shown.frame.startswith("bankid.67df3917-fa0d-44e5-b327-edcc928297f8.3.")
    assert (shown.seconds_left, shown.message, shown.has_panel) == (27, "bankid.outstanding.qr", True)
    assert shown.start is None


def test_a_link_opens_the_app_until_the_app_has_the_order() -> None:
    shown = on_phone(order(OrderState.PENDING, Launch.SAME_DEVICE))
    assert (shown.opens_app, shown.message, shown.other) == (True, "bankid.outstanding.same_device", ELSEWHERE)
    returned = on_phone(order(OrderState.PENDING, Launch.SAME_DEVICE, returned_at=NOW))
    assert (returned.opens_app, returned.message) == (False, "bankid.processing")


@each("hint", ["userSign", "processing", "userMrtd", "somethingNew"])
@pytest.mark.parametrize("launch", Launch)
def test_what_the_person_is_about_to_confirm_is_not_given_up_by_another_button(hint: str, launch: Launch) -> None:
    shown = on_phone(order(OrderState.PENDING, launch, hint_code=hint, hint_since=NOW))
    assert (shown.start, shown.other, shown.opens_app, shown.frame, shown.has_panel) == (None, None, False, None, False)


def test_an_app_that_finds_no_bankid_leaves_the_other_way() -> None:
    shown = on_phone(order(OrderState.PENDING, Launch.SAME_DEVICE, hint_code="started", hint_since=NOW), after=11)
    assert (shown.message, shown.other) == ("bankid.started.slow", ELSEWHERE)


def test_a_person_who_comes_back_by_hand_gets_a_way_on_after_a_moment() -> None:
    waits = order(OrderState.COMPLETE, Launch.SAME_DEVICE, return_nonce_hash="n", completed_at=NOW)
    soon = RETURN_TAKES / timedelta(seconds=1)
    assert on_phone(waits, after=soon) == Screen(
        state=State.RETURNING, launch=Launch.SAME_DEVICE, message="bankid.returning", is_busy=True
    )
    later = on_phone(waits, after=soon + 1)
    assert (later.message, later.start, later.other) == ("bankid.not_returned", AGAIN_HERE, ELSEWHERE)


def test_what_is_complete_moves_on() -> None:
    shown = on_computer(order(OrderState.COMPLETE, completed_at=NOW))
    assert (shown.state, shown.message, shown.start, shown.other) == (State.COMPLETE, "bankid.complete", None, None)


def test_a_paused_code_waits_for_the_person() -> None:
    shown = on_computer(order(OrderState.FAILED, hint_code=PAUSED))
    assert (shown.state, shown.message) == (State.PAUSED, "signin.bankid.paused")
    assert shown.start == Button(label=Label.SHOW_NEW_CODE, launch=Launch.QR)


@each("hint", ["userCancel", "expiredTransaction", "startFailed", "somethingNew", "requestTimeout"])
def test_a_failure_offers_the_same_way_again_and_the_other(hint: str) -> None:
    shown = on_phone(order(OrderState.FAILED, Launch.SAME_DEVICE, hint_code=hint))
    assert (shown.state, shown.start, shown.other) == (State.FAILED, AGAIN_HERE, ELSEWHERE)
    assert shown.message in MESSAGE_KEYS


@each("hint", [STRAYED, "anotherDevice"])
def test_where_the_same_would_happen_again_other_ways_are_offered_instead(hint: str) -> None:
    failed = order(OrderState.FAILED, Launch.SAME_DEVICE, hint_code=hint)
    for place, label in ((PHONE, Label.OTHER_DEVICE), (COMPUTER, Label.SHOW_CODE)):
        shown = screen_of(failed, place, NOW)
        assert (shown.start, shown.other) == (Button(label=label, launch=Launch.QR), None)
        assert shown.offers_link


def test_a_start_that_was_one_too_many_can_be_tried_again() -> None:
    assert (refused(COMPUTER).state, refused(COMPUTER).start) == (State.FAILED, AGAIN_QR)


def test_a_page_without_script_looks_again_only_where_something_changes_by_itself() -> None:
    assert {state.value for state in State if state.goes_on} == {"starting", "pending", "returning", "complete"}


IPHONE = read_browser(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
WINDOWS = read_browser("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0")


def policy(*, same_address_suffices: bool = True) -> OrderPolicy:
    return OrderPolicy(
        issuer="https://id.example",
        launch_url="https://app.bankid.com/",
        kinds=frozenset(),
        pin_code=False,
        same_address_suffices=same_address_suffices,
    )


@each(
    "browser, hint, first",
    [
        (WINDOWS, None, Launch.QR),
        (WINDOWS, "same_device", Launch.SAME_DEVICE),
        (WINDOWS, "qr", Launch.QR),
        (IPHONE, None, Launch.SAME_DEVICE),
        (IPHONE, "qr", Launch.QR),
        (IPHONE, "same_device", Launch.SAME_DEVICE),
    ],
)
def test_the_app_comes_first_on_a_phone_and_a_code_elsewhere_unless_the_client_hints(
    browser: Browser, hint: str | None, first: Launch
) -> None:
    assert place_of(browser, policy(), hint=hint, again=False).first is first


def test_no_hint_leads_to_a_way_that_could_not_be_believed() -> None:
    place = place_of(WINDOWS, policy(same_address_suffices=False), hint="same_device", again=False)
    assert (place.first, place.here_offered) == (Launch.QR, False)


@each(
    "browser, again, alone",
    [(WINDOWS, False, True), (WINDOWS, True, False), (IPHONE, False, True), (IPHONE, True, True)],
)
def test_only_a_computers_page_after_registering_waits_for_a_press(
    browser: Browser, *, again: bool, alone: bool
) -> None:
    assert place_of(browser, policy(), hint=None, again=again).starts_alone is alone
