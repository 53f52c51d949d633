"""Classification: a table's columns, each in every respect, and none twice."""

import pytest

from idp.core.personal_data.classification import (
    Columns,
    Datum,
    Described,
    Erasure,
    Kept,
    Kind,
    Seen,
    Whose,
    Why,
    by_place,
)

TABLE = Described(
    table="letters",
    whose=Whose.PERSON,
    why=Why.REACH,
    seen=Seen.SUPPORT,
    kept=Kept.DAY,
    columns=(
        Columns("id", Kind.PSEUDONYM, Erasure.STAYS),
        Columns("to from", Kind.PLAIN, Erasure.DELETED, (Datum.EMAIL,), Seen.NOBODY),
    ),
)


def test_each_column_has_what_is_said_of_its_table_and_its_own() -> None:
    found = by_place((TABLE,))

    assert list(found) == [("letters", "id"), ("letters", "to"), ("letters", "from")]
    assert {column.kept for column in found.values()} == {Kept.DAY}
    assert (found["letters", "id"].seen, found["letters", "to"].seen) == (Seen.SUPPORT, Seen.NOBODY)
    assert found["letters", "from"].data == (Datum.EMAIL,)


def test_a_column_is_described_once() -> None:
    with pytest.raises(ValueError, match="id is described twice"):
        by_place((TABLE, TABLE))


def test_what_a_person_can_ask_for_is_what_says_something() -> None:
    assert [kind for kind in Kind if kind.is_personal] == [Kind.PLAIN, Kind.PERSON_KEY, Kind.ENCRYPTED]
