"""Numbering: whatever is committed or rolled back in whatever order, a row that was deleted is missed and no other one is."""

import random
from datetime import timedelta
from typing import NamedTuple

import pytest

from idp.core.audit_chain.numbering import Accounts, Missed, Writer
from idp_tests.builders import NOW

LATER = 2_000_000_000_000_000
"""After every id of these tests, in microseconds."""


class Row(NamedTuple):
    id: str
    writer: str
    number: int
    outstanding: str | None


def write(writer: Writer, transaction: int = 0, *, hours: float = 0) -> Row:
    number = writer.next(transaction, NOW + timedelta(hours=hours))
    return Row(f"{number.writer[-4:]}-{number.number}", *number)


def committed(writer: Writer, transaction: int = 0, *, hours: float = 0) -> Row:
    row = write(writer, transaction, hours=hours)
    writer.ended(transaction, committed=True)
    return row


def missed(rows: list[Row], forgotten_until: int = 0) -> list[Missed]:
    accounts = Accounts(forgotten_until)
    for position, row in enumerate(rows, 1):
        assert accounts.note(row.writer, row.number, row.outstanding, position, row.id)
    return list(accounts.missed())


def test_rows_that_all_stand_miss_nobody() -> None:
    writer = Writer()
    assert missed([committed(writer) for _ in range(5)]) == []


def test_a_deleted_row_is_missed_by_the_first_one_after_it() -> None:
    writer = Writer()
    rows = [committed(writer) for _ in range(4)]
    gone = rows.pop(1)
    assert missed(rows) == [Missed(gone.writer, 2, 2, rows[1].id)]


def test_the_first_row_of_a_process_is_missed_too() -> None:
    writer = Writer()
    rows = [committed(writer) for _ in range(2)][1:]
    assert [each.number for each in missed(rows)] == [1]


def test_a_row_that_was_rolled_back_is_missed_by_nobody() -> None:
    writer = Writer()
    first = committed(writer)
    write(writer, 1)
    writer.ended(1, committed=False)
    assert missed([first, committed(writer), committed(writer)]) == []


def test_a_loss_is_said_again_until_a_row_that_says_it_stands() -> None:
    writer = Writer()
    for transaction in (1, 2):
        write(writer, transaction)
        writer.ended(transaction, committed=False)
    assert missed([committed(writer), committed(writer)]) == []


def test_a_commit_of_which_nobody_knew_may_stand_after_all() -> None:
    writer = Writer()
    doubtful = write(writer, 1)
    writer.ended(1, committed=False)
    rest = [committed(writer), committed(writer)]
    assert missed([doubtful, *rest]) == []
    assert missed([*rest, doubtful]) == []


def test_a_process_that_was_killed_leaves_no_false_gap() -> None:
    writer = Writer()
    write(writer, 1)
    assert missed([committed(writer, 2)]) == []


def test_a_row_that_was_still_open_is_missed_by_those_written_after_its_commit() -> None:
    writer = Writer()
    slow = write(writer, 1)
    during = committed(writer, 2)
    writer.ended(1, committed=True)
    after = committed(writer)
    assert missed([during, after, slow]) == []
    assert missed([during, after]) == [Missed(slow.writer, 1, 2, after.id)]


def test_rows_of_one_transaction_stand_together() -> None:
    writer = Writer()
    first, second = write(writer), write(writer)
    assert second.outstanding is None
    assert missed([second]) == [Missed(first.writer, 1, 1, second.id)]


def test_a_number_that_comes_twice_is_noticed() -> None:
    accounts = Accounts(0)
    assert accounts.note("0" * 32, 1, None, 1, "a")
    assert not accounts.note("0" * 32, 1, None, 2, "b")


def test_each_day_a_process_numbers_afresh() -> None:
    writer = Writer()
    rows = [committed(writer), committed(writer, hours=23), committed(writer, hours=25)]
    assert [row.number for row in rows] == [1, 2, 1]
    assert missed(rows) == []


def test_what_was_forgotten_with_the_beginning_is_missed_by_nobody() -> None:
    writer = Writer()
    rows = [committed(writer) for _ in range(5)]
    assert missed(rows[2:], LATER) == []
    assert missed([rows[4], rows[3]], LATER) == []
    assert [each.number for each in missed([rows[2], rows[4]], LATER)] == [4]


@pytest.mark.parametrize("seed", range(30))
def test_in_any_order_of_commits_nothing_is_missed_but_what_was_deleted(seed: int) -> None:
    chance = random.Random(seed)
    writer, open_rows, stored = Writer(), dict[int, list[Row]](), list[Row]()
    for _ in range(200):
        transaction = chance.randrange(6)
        if transaction in open_rows and chance.random() < 0.6:
            committed_now = chance.random() < 0.7
            writer.ended(transaction, committed=committed_now)
            rows = open_rows.pop(transaction)
            stored += rows if committed_now else []
        else:
            open_rows.setdefault(transaction, []).append(write(writer, transaction))
    for transaction in open_rows:
        writer.ended(transaction, committed=True)
        stored += open_rows[transaction]
    stored.append(committed(writer, 99))
    chance.shuffle(stored)
    assert missed(stored) == []
    gone = stored.pop(next(at for at, row in enumerate(stored) if row.number != max(each.number for each in stored)))
    assert gone.number in {each.number for each in missed(stored)}


def test_what_was_missing_up_to_a_settled_position_is_told_no_more_and_what_goes_later_is() -> None:
    writer = Writer()
    rows = [committed(writer) for _ in range(6)]
    accounts = Accounts(0, settled=2)
    for position, row in enumerate((rows[3], rows[0], rows[5]), 1):
        assert accounts.note(row.writer, row.number, row.outstanding, position, row.id)
    assert [each.number for each in accounts.missed()] == [5]
