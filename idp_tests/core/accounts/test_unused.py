"""An account that nobody uses is erased, and its person was warned in good time."""

from datetime import timedelta
from typing import Any, cast

import pytest

from idp.core.accounts.erase import AlreadyErased, Erased
from idp.core.accounts.unused import RetireUnused, Unused
from idp.core.overtaken import Overtaken
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder

DAY = timedelta(days=1)
ERASED = Erased(logins_ended=0, kept=())


def retiring(ports: Recorder) -> RetireUnused:
    return RetireUnused(
        accounts=ports.port("accounts"),
        people=ports.port("people"),
        outbox=ports.port("outbox"),
        erase_person=cast("Any", ports.function("erase")),
        after=730 * DAY,
        warned_before=30 * DAY,
    )


@pytest.mark.parametrize(("unused_for", "left"), [(700, 30), (710, 30), (1000, 30)])
def test_a_person_is_warned_and_then_has_thirty_days_whenever_the_warning_comes(unused_for: int, left: int) -> None:
    used_at = NOW - unused_for * DAY
    ports = Recorder({"accounts.to_warn": [Unused(person_id="p1", used_at=used_at)], "people.find": a_person()})
    assert retiring(ports).warn(NOW, limit=9) == 1
    assert ports.arguments("accounts.to_warn") == (NOW - 700 * DAY, 9)
    payload = {"to": "anna@example.se", "used_at": used_at.isoformat(), "erased_at": (NOW + left * DAY).isoformat()}
    assert ports.arguments("outbox.put") == ("mail.account_unused", "mail.account_unused:p1", payload, NOW)


def test_nobody_is_due_before_the_warning_is_thirty_days_old() -> None:
    ports = Recorder({"accounts.to_erase": ["p1"]})
    assert retiring(ports).due(NOW, limit=9) == ["p1"]
    assert ports.arguments("accounts.to_erase") == (NOW - 730 * DAY, NOW - 30 * DAY, 9)


def test_an_account_is_erased_in_the_name_of_the_retention() -> None:
    ports = Recorder({"erase": ERASED, "accounts.was_used_since": False})
    assert retiring(ports).erase("p1", NOW)
    [(_, arguments, named)] = [call for call in ports.calls if call[0] == "erase"]
    assert (arguments, named) == (("p1", NOW), {"operator": "retention", "case_id": "unused"})


def test_a_person_who_logs_in_at_that_moment_keeps_the_account() -> None:
    ports = Recorder({"erase": ERASED, "accounts.was_used_since": True})
    with pytest.raises(Overtaken):
        retiring(ports).erase("p1", NOW)


def test_what_another_has_erased_does_not_count_twice() -> None:
    ports = Recorder({"erase": AlreadyErased(), "accounts.was_used_since": False})
    assert not retiring(ports).erase("p1", NOW)
