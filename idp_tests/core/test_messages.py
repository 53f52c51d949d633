"""What is told to others: what keeps it from arriving, and what becomes of it then."""

from datetime import timedelta

from idp.core import messages
from idp.core.messages import (
    GIVEN_UP_AFTER,
    LONGEST_PAUSE,
    GivenUp,
    Message,
    OutgoingEmail,
    TriedAgain,
    Undelivered,
    after_failure,
    pause_after,
)
from idp_tests.builders import NOW


def test_what_was_not_delivered_says_why_and_whether_another_try_is_worth_it() -> None:
    assert (Undelivered("timeout").reason, Undelivered("timeout").final) == ("timeout", False)
    assert Undelivered("no_such_client", final=True).final
    assert str(Undelivered("timeout")) == "timeout"


def test_a_log_that_prints_a_message_tells_nobody_what_it_says_or_to_whom() -> None:
    message = Message(id="m1", kind="mail.x", key="k", payload={"to": "canary@example.se"}, created_at=NOW, tries=0)
    email = OutgoingEmail(id="m1", to="canary@example.se", subject="canary", text="canary", written_at=NOW)
    assert "canary" not in f"{message!r} {email!r}"


def a_message(tries: int = 0) -> Message:
    return Message(id="m1", kind="mail.x", key="k", payload={}, created_at=NOW, tries=tries)


def test_what_failed_is_tried_again_after_a_pause_that_grows_with_its_tries() -> None:
    later = NOW + timedelta(minutes=1)
    assert after_failure(a_message(), Undelivered("timeout"), later) == TriedAgain(later + timedelta(seconds=5))
    assert after_failure(a_message(tries=2), Undelivered("timeout"), later) == TriedAgain(later + timedelta(seconds=20))


def test_what_is_refused_for_good_or_failed_for_a_day_is_given_up() -> None:
    just_before = NOW + GIVEN_UP_AFTER - timedelta(seconds=1)
    assert after_failure(a_message(), Undelivered("refused", final=True), NOW) == GivenUp()
    assert after_failure(a_message(), Undelivered("timeout"), NOW + GIVEN_UP_AFTER) == GivenUp()
    assert isinstance(after_failure(a_message(), Undelivered("timeout"), just_before), TriedAgain)


def test_pauses_double_to_an_hour_at_most() -> None:
    pauses = [pause_after(tries) for tries in range(30)]
    assert pauses[:4] == [timedelta(seconds=5 * factor) for factor in (1, 2, 4, 8)]
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE == timedelta(hours=1)


def test_every_kind_of_e_mail_is_among_those_that_are_delivered() -> None:
    declared = {value for name, value in vars(messages).items() if name.endswith("_KIND")}
    assert set(messages.MAIL_KINDS) == {kind for kind in declared if kind.startswith("mail.")}
