"""Summary: the inventory as a person asks about it, by what the data is called."""

from collections.abc import Iterable
from dataclasses import dataclass

from idp.core.personal_data.classification import Column, Datum, Erasure, Kept, Kind, Seen, Why

_SAYS_NOTHING = {Kind.NONE, Kind.PSEUDONYM, Kind.SECRET, Kind.SECRET_HASH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One kind of data: every answer that is true of any column with it, in the order in which the words are declared."""

    datum: Datum
    why: tuple[Why, ...]
    seen: tuple[Seen, ...]
    kept: tuple[Kept, ...]
    kinds: tuple[Kind, ...]
    outlives_erasure: bool


def summaries(inventory: Iterable[Column]) -> tuple[Summary, ...]:
    """Of every kind of data that is stored."""
    telling = [column for column in inventory if column.kind not in _SAYS_NOTHING]
    found = ((datum, [column for column in telling if datum in column.data]) for datum in Datum)
    return tuple(_summary(datum, columns) for datum, columns in found if columns)


def _summary(datum: Datum, columns: list[Column]) -> Summary:
    seen = tuple(each for each in Seen if any(column.seen is each for column in columns))
    return Summary(
        datum=datum,
        why=tuple(each for each in Why if any(column.why is each for column in columns)),
        seen=tuple(each for each in seen if each is not Seen.NOBODY or len(seen) == 1),
        kept=tuple(each for each in Kept if any(column.kept is each for column in columns)),
        kinds=tuple(each for each in Kind if any(column.kind is each for column in columns)),
        outlives_erasure=any(column.erasure is Erasure.KEPT for column in columns),
    )
