from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from idp.brand import Brand, Notice
from idp_tests.cases import each

NOW = datetime(2026, 5, 5, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXTS: dict[str, Any] = {"sv": "Driftstopp i natt.", "en": "Closed tonight."}


def test_times_are_told_in_the_companys_own_time_zone() -> None:
    assert Brand(time_zone="Europe/Helsinki").local(NOW) == "2026-05-05 23:00"


@each("address", ["javascript:alert(1)", "example.se/help", "/help"])
def test_a_link_at_the_foot_is_an_address(address: str) -> None:
    with pytest.raises(ValidationError, match="must begin with https"):
        Brand(help_url=address)


@each("colour", ["red", "#fff", "#0b5a5f; }", "url(x)"])
def test_a_colour_is_six_digits_and_nothing_else(colour: str) -> None:
    with pytest.raises(ValidationError):
        Brand(colours={"accent": colour})


@each(
    "members, told",
    [
        ({}, True),
        ({"shown_from": NOW}, True),
        ({"shown_from": NOW + HOUR}, False),
        ({"shown_until": NOW + HOUR}, True),
        ({"shown_until": NOW}, False),
    ],
)
def test_a_notice_is_shown_in_its_time_and_in_both_languages(members: dict[str, Any], told: bool) -> None:
    notice = Notice(**TEXTS, **members)
    assert [notice.text(language, NOW) for language in ("sv", "en")] == (list(TEXTS.values()) if told else [None, None])


def test_without_a_notice_nothing_is_said_and_nothing_is_closed() -> None:
    assert (Notice().text("sv", NOW), Notice().closed_now(NOW)) == (None, None)


@each("now, is_closed", [(NOW - HOUR, False), (NOW, True), (NOW + HOUR, False)])
def test_a_planned_stop_begins_and_ends_by_itself(now: datetime, is_closed: bool) -> None:
    notice = Notice(closed_from=NOW, closed_until=NOW + HOUR)
    assert notice.closed_now(now) == (NOW + HOUR if is_closed else None)


@each(
    "members, problem",
    [
        ({"sv": "Hej"}, "en: is missing"),
        ({"en": "Hello"}, "sv: is missing"),
        ({"closed_from": NOW}, "belongs together"),
        ({"closed_from": NOW, "closed_until": NOW}, "must be after"),
        ({"shown_from": datetime(2026, 5, 5, 20, 0)}, "timezone"),  # noqa: DTZ001 - what an operator may forget
    ],
)
def test_half_a_notice_is_refused(members: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Notice(**members)
