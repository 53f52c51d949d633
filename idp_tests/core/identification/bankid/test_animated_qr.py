"""The animated QR code's text against the published vectors."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.core.identification.bankid.animated_qr import find_current_frame, frame_second, qr_text, seconds_left
from idp_tests.cases import each

PUBLISHED = ("67df3917-fa0d-44e5-b327-edcc928297f8", "d28db9a7-4cde-429e-a983-359be676944c")
OTHER = ("0b6f2f1e-4c3a-4c1e-9f57-2d0c9a4f7e11", "7a1d6b52-93c8-4f7e-8f0a-5e2c1b7d9c40")
START = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@each(
    "order, second, code",
    [
        (PUBLISHED, 0, "dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8"),
        (PUBLISHED, 1, "949d559bf23403952a94d103e67743126381eda00f0b3cbddbf7c96b1adcbce2"),
        (PUBLISHED, 2, "a9e5ec59cb4eee4ef4117150abc58fad7a85439a6a96ccbecc3668b41795b3f3"),
        (PUBLISHED, 29, "26049f2bc12d5b43ebe8bf701e7725abf015d2d8347aa04c924b5793ee4a196c"),
        (OTHER, 0, "572ebb121a32defe91383d2ea665e4479b7810ed35f05690f6ae7a4c75b6d377"),
        (OTHER, 1, "5bb93b15d0c3b212ba99684705faf6bf14324fb2ce578fe6e9889c7a0c16070e"),
        (OTHER, 9, "cde1b447d214ad9eca18e5e1d39d7c80beb118afd4fcc0ea3c71a2af3df2fd7d"),
        (OTHER, 10, "7c666ab3662dc6026c8fb9ee2ced0a6dd80c7b7f2a0af54dbd1f5209accfa97f"),
        (OTHER, 29, "f294c57167bc361dac0f2bfd64895cab73fe8a48efee637cf91d8d8bb5b51d96"),
    ],
)
def test_a_frame_is_what_bankid_expects(order: tuple[str, str], second: int, code: str) -> None:
    assert qr_text(*order, second) == f"bankid.{order[0]}.{second}.{code}"


def test_a_second_before_the_order_has_no_frame() -> None:
    with pytest.raises(ValueError, match="second"):
        qr_text(*PUBLISHED, -1)


@each("elapsed, second", [(0, 0), (0.999, 0), (1, 1), (1.5, 1), (29.999, 29), (31, 31)])
def test_seconds_are_rounded_down(elapsed: float, second: int) -> None:
    assert frame_second(START, after(elapsed)) == second


def test_a_lagging_clock_shows_the_first_frame() -> None:
    assert frame_second(START, after(-0.4)) == 0


@each("elapsed, left", [(-1, 30), (0, 30), (0.5, 30), (1, 29), (29.999, 1), (30, 0), (90, 0)])
def test_the_countdown_reaches_zero_and_stays(elapsed: float, left: int) -> None:
    assert seconds_left(START, after(elapsed)) == left


def test_the_current_frame_is_the_one_of_this_second() -> None:
    assert find_current_frame(*PUBLISHED, START, after(2.9)) == qr_text(*PUBLISHED, 2)


@each("elapsed", [30, 31, 3600])
def test_no_frame_is_given_out_after_the_start_window(elapsed: float) -> None:
    assert find_current_frame(*PUBLISHED, START, after(elapsed)) is None


def test_no_frame_contains_the_secret() -> None:
    assert PUBLISHED[1] not in "".join(qr_text(*PUBLISHED, second) for second in range(30))
