"""Marks: each use of the secret is its own, and each changed fact is another row."""

import pytest

from idp.core.audit_chain.marks import GENESIS, MARK_BYTES, SLOWEST, End, Entry, MarkKeys

ENTRY = Entry("i" * 32, 1, "session.ended", "p" * 32, '{"reason":"logout"}', "w" * 32, 1, None)
FIRST = MarkKeys({1: b"1" * 32})
BOTH = MarkKeys({2: b"2" * 32, 1: b"1" * 32})
SECOND = MarkKeys({2: b"2" * 32})


def test_a_row_fits_its_mark_and_no_other_does() -> None:
    mark = FIRST.of_row(ENTRY)
    assert len(mark) == MARK_BYTES
    assert FIRST.fits_row(mark, ENTRY)
    others = [
        ENTRY._replace(id="j" * 32),
        ENTRY._replace(at=2),
        ENTRY._replace(event="login.left"),
        ENTRY._replace(person_id=None),
        ENTRY._replace(facts="{}"),
        ENTRY._replace(writer="v" * 32),
        ENTRY._replace(number=2),
        ENTRY._replace(outstanding='{"open":[],"lost":[]}'),
    ]
    assert [each for each in others if FIRST.fits_row(mark, each)] == []


@pytest.mark.parametrize("mark", [b"", b"\x01", bytes(MARK_BYTES), b"\x02" + bytes(32)])
def test_what_is_no_mark_fits_nothing(mark: bytes) -> None:
    assert not FIRST.fits_row(mark, ENTRY)


def test_the_newest_version_marks_and_older_ones_are_known() -> None:
    assert BOTH.of_row(ENTRY)[0] == 2
    assert BOTH.fits_row(FIRST.of_row(ENTRY), ENTRY)
    assert not FIRST.fits_row(BOTH.of_row(ENTRY), ENTRY)


def test_a_link_is_of_its_row_its_position_and_the_link_before() -> None:
    row = FIRST.of_row(ENTRY)
    link = FIRST.of_link(GENESIS, 1, row)
    assert FIRST.fits_link(link, GENESIS, 1, row)
    assert not FIRST.fits_link(link, GENESIS, 2, row)
    assert not FIRST.fits_link(link, link, 1, row)
    assert not FIRST.fits_link(link, GENESIS, 1, link)


def test_no_link_of_an_older_secret_follows_one_of_a_newer() -> None:
    row = FIRST.of_row(ENTRY)
    newer = SECOND.of_link(GENESIS, 1, row)
    assert BOTH.fits_link(newer, GENESIS, 1, row)
    assert not BOTH.fits_link(FIRST.of_link(newer, 2, row), newer, 2, row)


def test_a_beginning_is_no_end() -> None:
    end = End(7, GENESIS, 1)
    mark = FIRST.of_end("end", end)
    assert FIRST.fits_end(mark, "end", end)
    assert not FIRST.fits_end(mark, "beginning", end)
    assert not FIRST.fits_end(mark, "end", end._replace(position=8))
    assert not FIRST.fits_end(mark, "end", end._replace(at=2))


def test_an_older_version_marks_no_row_that_waits_an_hour_after_it_was_superseded() -> None:
    both = MarkKeys({2: b"2" * 32, 1: b"1" * 32}, in_use_since=7)
    for keys in (FIRST, SECOND):
        assert both.takes_row(keys.of_row(ENTRY), ENTRY, 7 + SLOWEST)
    assert not both.takes_row(FIRST.of_row(ENTRY), ENTRY, 8 + SLOWEST)
    assert both.takes_row(SECOND.of_row(ENTRY), ENTRY, 8 + SLOWEST)
    assert not both.takes_row(bytes(MARK_BYTES), ENTRY, 0)


def test_an_end_is_never_of_an_older_version_than_its_link() -> None:
    end = End(7, b"\x02" + bytes(32), 1)
    assert BOTH.fits_end(BOTH.of_end("end", end), "end", end)
    assert not BOTH.fits_end(FIRST.of_end("end", end), "end", end)
