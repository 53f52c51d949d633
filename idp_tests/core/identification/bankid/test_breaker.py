"""The breaker: a BankID that starts nothing is asked now and then, and one start that succeeds ends it."""

from datetime import timedelta

from idp.core.identification.bankid.api import BankIdRefused, BankIdUnavailable, StartedOrder
from idp.core.identification.bankid.breaker import FEWEST, NOT_ASKED, PROBE_EVERY, WINDOW, Breaker
from idp_tests.databases import NOW

STARTED = StartedOrder(order_ref="ref", auto_start_token="auto", qr_start_token="qr", qr_start_secret="secret")
AWAY = BankIdUnavailable("network")


def a_breaker(*, failed: int, started: int = 0) -> Breaker:
    breaker = Breaker()
    for _ in range(started):
        breaker.note(STARTED, NOW)
    for _ in range(failed):
        breaker.note(AWAY, NOW)
    return breaker


def test_it_opens_when_half_of_enough_starts_have_failed() -> None:
    assert a_breaker(failed=FEWEST // 2, started=FEWEST // 2).refuses(NOW)
    assert not a_breaker(failed=FEWEST // 2, started=FEWEST // 2 + 1).refuses(NOW)
    assert not a_breaker(failed=FEWEST - 1).refuses(NOW)


def test_it_says_when_to_try_again() -> None:
    told = a_breaker(failed=FEWEST).refuses(NOW + timedelta(seconds=2))
    assert told is not None
    assert (told.code, told.retryable, told.retry_after) == (NOT_ASKED, True, 3)


def test_one_start_in_five_seconds_is_a_probe() -> None:
    breaker, later = a_breaker(failed=FEWEST), NOW + PROBE_EVERY
    assert breaker.refuses(later) is None
    assert breaker.refuses(later) is not None
    breaker.note(AWAY, later)
    assert breaker.refuses(later + timedelta(seconds=1)) is not None
    assert breaker.refuses(later + PROBE_EVERY) is None


def test_one_success_closes_it_and_old_failures_do_not_open_it_again() -> None:
    breaker, later = a_breaker(failed=FEWEST), NOW + PROBE_EVERY
    assert breaker.refuses(later) is None
    breaker.note(STARTED, later)
    assert breaker.refuses(later) is None
    breaker.note(AWAY, later)
    assert breaker.refuses(later) is None


def test_a_refusal_is_an_answer() -> None:
    breaker = Breaker()
    for _ in range(2 * FEWEST):
        breaker.note(BankIdRefused("alreadyInProgress"), NOW)
    assert breaker.refuses(NOW) is None


def test_what_is_long_ago_is_forgotten() -> None:
    breaker = a_breaker(failed=FEWEST - 1)
    breaker.note(AWAY, NOW + WINDOW)
    assert breaker.refuses(NOW + WINDOW) is None
