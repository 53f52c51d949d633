"""BankID's once-only answer: kept before it is read, in hand until it is written, and told as lost when it is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from idp.core.identification.bankid.api import (
    Answered,
    BankIdUnavailable,
    Complete,
    Ended,
    Pending,
)
from idp.core.identification.bankid.messages import stopped_message
from idp.core.identification.bankid.order import LOST, UNREADABLE, Launch, OrderState
from idp.core.identification.bankid.work_on_order import (
    ORDER_LIFE,
)
from idp.jobs.bankid.waiting_room import LEASE
from idp.jobs.patient_write import NotWritten, PatientWrite
from idp_tests.at_once import WriteHere
from idp_tests.builders import a_completion
from idp_tests.databases import NOW
from idp_tests.jobs.bankid.bench import Bench
from idp_tests.scripted_bankid import ScriptedBankId

pytestmark = pytest.mark.each_database

NONSENSE = b'{"status": "complete", "nonsense": true}'


def test_a_nonsensical_answer_to_a_collect_is_not_the_last_one(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later().beat()
    bench.bankid.tell(Complete(a_completion()))
    bench.later().beat()
    assert bench.now_stored().state is OrderState.COMPLETE
    assert bench.order.answer is None


def test_a_nonsensical_answer_of_a_gateway_is_forgotten_when_bankid_says_to_wait(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later().beat()
    kept = bench.order
    bench.bankid.tell(Pending("userSign"))
    bench.later().beat()
    assert (kept.answer, bench.order.answer, bench.order.state) == (NONSENSE, None, OrderState.PENDING)


def test_the_last_word_that_cannot_be_read_is_kept_and_told_as_that(bench: Bench) -> None:
    """BankID tells it once: after a change of its interface, what it said must not be lost as well."""
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    with capture_logs() as logs:
        bench.later().beat()
    assert [entry["event"] for entry in logs] == ["answer not readable"]
    assert "nonsense" not in str(logs)
    bench.later().beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, UNREADABLE)
    assert bench.order.answer == NONSENSE
    assert stopped_message(UNREADABLE, Launch.QR) == "bankid.answer_unreadable"


def test_what_cannot_be_read_as_long_as_an_order_lives_ends_it(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later(ORDER_LIFE.total_seconds()).beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, UNREADABLE)


def test_an_outage_after_it_does_not_lose_an_answer_that_cannot_be_read(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Answered(NONSENSE))
    bench.later().beat()
    bench.bankid.tell(BankIdUnavailable("maintenance", retryable=True))
    bench.later(ORDER_LIFE.total_seconds()).beat()
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, UNREADABLE)
    assert bench.order.answer == NONSENSE


def test_an_answer_is_kept_before_it_is_read_and_another_worker_reads_it(bench: Bench) -> None:
    """Whatever ends the process between the two, BankID would not tell it again."""

    class Killed(ScriptedBankId):
        def read(self, body: bytes, order_ref: str) -> Ended:
            raise SystemExit

    bench.want()
    bench.beat()
    killed = Killed(answers=bench.bankid.answers, requests=bench.bankid.requests)
    killed.tell(Complete(a_completion()))
    with pytest.raises(SystemExit):
        bench.work_on(bench.order, bench.another("node-2.a", bankid=killed))
    assert bench.order.state is OrderState.PENDING
    collected = bench.bankid.collects

    bench.later().beat()
    assert bench.order.completion == a_completion()
    assert bench.bankid.collects == collected


def test_the_once_only_answer_stays_in_hand_while_its_commit_fails(bench: Bench) -> None:
    bench.want()
    bench.beat()
    bench.bankid.tell(Complete(a_completion()))
    (held,) = bench.later().lease()
    bench.fail_commits = 5
    bench.work_on(held)
    assert bench.order.completion == a_completion()
    assert (bench.bankid.collects, bench.fail_commits) == (1, 0)


def test_an_answer_that_is_never_committed_is_told_as_lost_as_soon_as_the_database_is_back(bench: Bench) -> None:
    """Another worker asks at once, not when the lease ends, and hears that BankID has told it."""
    bench.want()
    bench.beat()
    bench.bankid.tell(Complete(a_completion()))
    (held,) = bench.later().lease()
    bench.fail_commits = 1000
    with pytest.raises(NotWritten) as lost:
        bench.work_on(held)
    assert lost.value.reason == "OSError"
    assert bench.clock() - NOW < LEASE
    bench.fail_commits = 0
    with bench.unit():
        bench.orders.give_back(held.id, "node-1.a")
    assert bench.beat(bench.another("node-2.b"))
    assert (bench.order.state, bench.order.hint_code) == (OrderState.FAILED, LOST)
    assert stopped_message(LOST, Launch.QR) == "bankid.answer_lost"


def test_a_start_whose_commit_failed_once_is_not_cancelled_because_it_may_stand(bench: Bench) -> None:
    """The commit was done, and nobody heard so: the second try finds an order that is started already."""

    @contextmanager
    def unheard() -> Iterator[None]:
        with bench.unit():
            yield
        if not waits:
            raise ConnectionError

    waits = list[float]()
    bench.want()
    (held,) = bench.lease()
    collector = bench.another(
        "node-1.a", write=WriteHere(PatientWrite(unit_of_work=unheard, clock=bench.clock, wait=waits.append))
    )
    with pytest.raises(NotWritten):
        bench.work_on(held, collector)
    assert (bench.order.state, bench.bankid.cancelled) == (OrderState.PENDING, [])
