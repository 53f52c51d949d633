"""The chain over the audit log: sealed behind the requests, shortened from its beginning, and every tampering told by its place."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from idp.adapters.database.audit import AuditKeys, DatabaseAudit
from idp.adapters.database.audit_chain import ChainBroken, DatabaseAuditChain
from idp.adapters.database.columns import microseconds
from idp.adapters.database.engine import connection, unit_of_work
from idp.adapters.database.tables import audit, audit_ends, audit_seals
from idp.core.audit_chain.inspection import Damage, Finding, Inspected
from idp.core.audit_chain.marks import End
from idp.core.audit_log import BegunAgain
from idp.core.events import SessionEnded
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.databases import AUDIT_KEYS, NOW, audit_keys

pytestmark = pytest.mark.usefixtures("database_context")

CHAIN = DatabaseAuditChain(AUDIT_KEYS)
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def log() -> DatabaseAudit:
    """As one process writes it."""
    with unit_of_work():
        CHAIN.begin()
    return DatabaseAudit(AUDIT_KEYS)


def an_event(number: int = 0) -> SessionEnded:
    return SessionEnded(person_id="p" * 32, session_id=str(number), reason="logout")


def write(log: DatabaseAudit, *, minutes: float = 0) -> str:
    """One event; the id of its row."""
    with unit_of_work():
        before = set(connection().execute(select(audit.c.id)).scalars())
        log.record(an_event(), NOW + timedelta(minutes=minutes))
        [new] = set(connection().execute(select(audit.c.id)).scalars()) - before
        return str(new)


def seal(minutes: float = 1) -> int:
    with unit_of_work():
        return CHAIN.seal(NOW + timedelta(minutes=minutes))


def six_sealed(log: DatabaseAudit) -> list[str]:
    """The ids of six rows, by their places."""
    ids = [write(log, minutes=number / 60) for number in range(6)]
    assert seal() == 6
    return ids


def inspect(*, minutes: float = 1, anchors: dict[int, bytes] | None = None) -> Inspected:
    with unit_of_work():
        return CHAIN.inspect(NOW + timedelta(minutes=minutes), anchors=anchors)


def first(found: Inspected) -> Finding:
    assert found.findings, "nothing was found"
    return found.findings[0]


def test_a_sealed_chain_is_as_it_was_written(log: DatabaseAudit) -> None:
    six_sealed(log)
    write(log)
    found = inspect()
    assert (found.checked, found.unsealed, found.findings) == (6, 1, ())


def test_sealing_continues_the_chain(log: DatabaseAudit) -> None:
    six_sealed(log)
    write(log, minutes=9 / 60)
    assert (seal(), seal()) == (1, 0)
    assert (inspect().checked, inspect().findings) == (7, ())


def test_what_happened_while_no_job_ran_is_sealed_when_they_are_back(log: DatabaseAudit) -> None:
    six_sealed(log)
    for minutes in (5, 60, 125):
        write(log, minutes=minutes)
    assert seal(180) == 3
    assert (inspect(minutes=180).checked, inspect(minutes=180).findings) == (9, ())


def test_a_row_that_was_committed_late_is_sealed_after_younger_ones(log: DatabaseAudit) -> None:
    six_sealed(log)
    write(log, minutes=-5)
    assert seal(2) == 1
    assert inspect().findings == ()


def test_a_clock_that_went_wrong_for_a_moment_keeps_no_row_from_its_seal(log: DatabaseAudit) -> None:
    six_sealed(log)
    write(log, minutes=400 * 24 * 60)
    assert seal() == 1
    write(log, minutes=2)
    assert seal(180) == 1
    assert inspect(minutes=180).findings == ()


def test_a_row_of_a_clock_that_was_hours_behind_waits_for_a_seal_of_everything(log: DatabaseAudit) -> None:
    six_sealed(log)
    late = write(log, minutes=-180)
    assert seal(2) == 0
    assert first(inspect()) == Finding(Damage.WAITS, row_id=late)
    with unit_of_work():
        assert CHAIN.seal(SOON, everything=True) == 1
    assert inspect().findings == ()


def test_events_sealers_and_rollbacks_at_once_make_one_unbroken_chain(log: DatabaseAudit, database_app: Flask) -> None:
    def work(number: int) -> None:
        with database_app.app_context(), suppress(ZeroDivisionError), unit_of_work():
            if number % 5 == 0:
                CHAIN.seal(SOON)
                return
            log.record(an_event(number), NOW + timedelta(milliseconds=number))
            if number % 7 == 0:
                raise ZeroDivisionError

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(work, range(100)))
    write(log)
    seal()
    found = inspect()
    assert (found.checked, found.unsealed, found.findings) == (80 - 12 + 1, 0, ())


def test_a_secret_that_is_rotated_leaves_the_chain_whole(log: DatabaseAudit) -> None:
    six_sealed(log)
    both = audit_keys({1: bytes(range(64, 96)), 2: b"2" * 32})
    newer = DatabaseAudit(both)
    with unit_of_work():
        newer.record(an_event(), NOW)
        DatabaseAuditChain(both).seal(SOON)
    with unit_of_work():
        assert DatabaseAuditChain(both).inspect(SOON).findings == ()


def test_who_holds_an_old_secret_alone_continues_nothing_behind_the_new_one(log: DatabaseAudit) -> None:
    both = audit_keys({1: bytes(range(64, 96)), 2: b"2" * 32})
    six_sealed(log)
    with unit_of_work():
        DatabaseAudit(both).record(an_event(), NOW)
        DatabaseAuditChain(both).seal(SOON)
    write(log)
    with pytest.raises(ChainBroken), unit_of_work():
        CHAIN.seal(SOON)


def test_old_rows_go_and_the_rest_begins_where_the_signed_beginning_says(log: DatabaseAudit) -> None:
    for day in range(10):
        write(log, minutes=day * 24 * 60)
    ten_days = 10 * 24 * 60
    assert seal(ten_days) == 10
    with unit_of_work():
        assert CHAIN.forget(NOW + timedelta(days=3)) == 4
        assert CHAIN.forget(NOW + timedelta(days=3)) == 0
    found = inspect(minutes=ten_days)
    assert (found.checked, found.findings) == (6, ())
    with unit_of_work():
        assert CHAIN.forget(NOW + timedelta(days=300), limit=4) == 4
        assert CHAIN.forget(NOW + timedelta(days=300), limit=4) == 2
    assert inspect(minutes=ten_days).findings == ()
    write(log, minutes=ten_days + 1)
    assert seal(ten_days + 1) == 1
    assert inspect(minutes=ten_days + 1).findings == ()


def test_events_of_a_time_without_jobs_go_in_their_turn(log: DatabaseAudit) -> None:
    write(log)
    seal(0)
    write(log, minutes=5)
    seal(120)
    with unit_of_work():
        assert CHAIN.forget(NOW + timedelta(minutes=5)) == 2


@pytest.mark.parametrize("column", ["at", "facts"])
def test_a_row_that_was_dated_back_is_not_forgotten_for_it(log: DatabaseAudit, column: str) -> None:
    ids = six_sealed(log)
    changed = {"at": NOW - timedelta(days=900), "facts": "{}"}[column]
    with unit_of_work():
        connection().execute(update(audit).where(audit.c.id == ids[2]).values({column: changed}))
    with pytest.raises(ChainBroken, match="position 3"), unit_of_work():
        CHAIN.forget(NOW + timedelta(days=300))
    assert first(inspect()) == Finding(Damage.CHANGED, 3, ids[2])


def test_a_row_that_others_put_there_gets_no_seal_and_holds_nobody_up(log: DatabaseAudit) -> None:
    ours = write(log)
    false = {
        "event": "login.identified",
        "facts": "{}",
        "writer": "0" * 32,
        "number": 1,
        "mark_hash": b"\x01" + bytes(32),
    }
    with unit_of_work():
        for number in range(3):
            connection().execute(insert(audit).values(id=f"{number:032}", at=NOW, **false))
        assert CHAIN.seal(SOON, limit=2) == 1
        assert connection().execute(select(audit_seals.c.audit_id)).scalars().all() == [ours]
    assert first(inspect()) == Finding(Damage.NOT_OURS, row_id=f"{0:032}")


def test_a_row_that_was_deleted_before_it_was_sealed_is_missed_by_its_process(log: DatabaseAudit) -> None:
    six_sealed(log)
    gone, after = write(log), write(log)
    with unit_of_work():
        connection().execute(delete(audit).where(audit.c.id == gone))
    assert first(inspect()) == Finding(Damage.MISSED, row_id=after)
    seal()
    assert first(inspect()) == Finding(Damage.MISSED, 7, after)


def test_a_log_that_was_emptied_is_told_by_its_end_and_by_the_next_event(log: DatabaseAudit) -> None:
    six_sealed(log)
    with unit_of_work():
        for table in (audit_seals, audit):
            connection().execute(delete(table))
    assert first(inspect()) == Finding(Damage.TAIL_CUT, 1)
    with unit_of_work():
        connection().execute(delete(audit_ends))
    assert [finding.damage for finding in inspect().findings] == [Damage.BEGINNING, Damage.END]
    with unit_of_work():
        CHAIN.begin()  # as an installation that was never used
    assert inspect().findings == ()
    after = write(log)
    assert first(inspect()) == Finding(Damage.MISSED, row_id=after)


def test_nothing_is_sealed_behind_an_end_that_is_not_ours(log: DatabaseAudit) -> None:
    six_sealed(log)
    write(log)
    with unit_of_work():
        connection().execute(delete(audit_seals).where(audit_seals.c.position == 6))
    with pytest.raises(ChainBroken), unit_of_work():
        CHAIN.seal(SOON)


def test_an_older_backup_of_the_log_is_told_by_an_anchor(log: DatabaseAudit) -> None:
    six_sealed(log)
    with unit_of_work():
        backup = [list(connection().execute(select(table)).mappings()) for table in (audit, audit_seals, audit_ends)]
    write(log)
    seal()
    with unit_of_work():
        anchor = CHAIN.anchor(SOON)
    assert anchor.position == 7
    with unit_of_work():
        for table, rows in zip((audit, audit_seals, audit_ends), backup, strict=True):
            connection().execute(delete(table))
            connection().execute(insert(table), [dict(row) for row in rows])
    assert inspect().findings == ()
    assert first(inspect(anchors={7: anchor.chain_hash})) == Finding(Damage.ANCHOR_BEYOND, 7)
    write(DatabaseAudit(AUDIT_KEYS))
    seal()
    assert first(inspect(anchors={7: anchor.chain_hash})).damage is Damage.ANCHOR


OLD_AND_NEW = [
    SecretKey(version=2, value=b"2" * 32, used_from=NOW + timedelta(minutes=2)),
    SecretKey(version=1, value=bytes(range(64, 96))),
]
ROTATED = AuditKeys(lambda: OLD_AND_NEW)


@pytest.fixture
def after_rotation(log: DatabaseAudit) -> DatabaseAuditChain:
    """Six rows under the secret that leaked, one under the next."""
    chain = DatabaseAuditChain(ROTATED)
    six_sealed(log)
    with unit_of_work():
        DatabaseAudit(ROTATED).record(an_event(), NOW + timedelta(minutes=3))
        assert chain.seal(NOW + timedelta(minutes=3)) == 1
        assert chain.inspect(NOW + timedelta(minutes=3)).findings == ()
    return chain


def test_who_holds_a_secret_that_leaked_puts_no_row_behind_the_next_one(
    after_rotation: DatabaseAuditChain, log: DatabaseAudit
) -> None:
    later = NOW + timedelta(minutes=63)
    forged = write(log, minutes=63)
    with unit_of_work():
        assert after_rotation.seal(later) == 0
    with unit_of_work():
        assert first(after_rotation.inspect(later)) == Finding(Damage.NOT_OURS, row_id=forged)


def test_who_holds_a_secret_that_leaked_cuts_no_beginning_off(after_rotation: DatabaseAuditChain) -> None:
    with unit_of_work():
        third = connection().execute(select(audit_seals).where(audit_seals.c.position == 3)).one()
        end = End(3, bytes(third.chain_hash), microseconds(NOW))
        values = {**end._asdict(), "at": NOW, "mark_hash": AUDIT_KEYS().of_end("beginning", end)}
        connection().execute(update(audit_ends).where(audit_ends.c.name == "beginning").values(values))
        connection().execute(delete(audit_seals).where(audit_seals.c.position <= 3))
    with unit_of_work():
        assert first(after_rotation.inspect(SOON)).damage is Damage.BEGINNING
    with pytest.raises(ChainBroken), unit_of_work():
        after_rotation.forget(NOW + timedelta(days=300))


def test_a_new_chain_over_what_is_left_is_whole_and_no_older_anchor_counts(log: DatabaseAudit) -> None:
    ids = six_sealed(log)
    write(log, minutes=0.5)
    with unit_of_work():
        connection().execute(delete(audit).where(audit.c.id == ids[1]))
        connection().execute(update(audit).where(audit.c.id == ids[3]).values(facts="{}"))
        connection().execute(delete(audit_ends).where(audit_ends.c.name == "end"))
    with unit_of_work():
        done = CHAIN.begin_again(SOON, after=9)
    assert done == BegunAgain(after_position=9, kept=5, deleted=1)
    found = inspect(anchors={6: b"x" * 33, 9: b"x" * 33})
    assert (found.checked, found.findings) == (5, ())


def test_processes_that_go_on_miss_in_a_new_chain_only_what_is_deleted_from_then_on(log: DatabaseAudit) -> None:
    ids, other = six_sealed(log), DatabaseAudit(AUDIT_KEYS)
    lost = write(other, minutes=0.5)
    with unit_of_work():
        connection().execute(delete(audit).where(audit.c.id.in_([ids[1], lost])))
    with unit_of_work():
        CHAIN.begin_again(SOON, after=0)
    for minutes, writer in ((1, log), (1.1, other)):
        write(writer, minutes=minutes)
    assert seal(2) == 2
    assert inspect(minutes=2).findings == ()
    gone, after = write(log, minutes=3), write(log, minutes=4)
    with unit_of_work():
        connection().execute(delete(audit).where(audit.c.id == gone))
    assert first(inspect(minutes=4)) == Finding(Damage.MISSED, row_id=after)
    with unit_of_work():
        assert CHAIN.forget(NOW + timedelta(days=300)) == 7
    assert inspect(minutes=4).findings == ()  # what would tell of it was kept for as long as it had to be
