"""One sheet of a workbook as numbered lines of the text that it shows (ECMA-376 part 1, 18.3)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from idp.adapters.customer_files.number_format import NumberFormat
from idp.adapters.customer_files.table import Line, Oddities
from idp.adapters.customer_files.xml_part import damaged, read_part, too_large

MOST_ROWS = 1 << 20
MOST_COLUMNS = 1 << 14
LONGEST_CELL = 32_767
"""Characters. This limit and those above are every spreadsheet program's own."""
MOST_CELLS = 20_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN = NumberFormat()
_BOOLEANS: Mapping[str, str] = {"1": "true", "true": "true", "0": "false", "false": "false"}
_RAISED = {
    "superscript": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "subscript": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}


class Height:
    """Keeps a raised or lowered digit one: a footnote's mark is no digit of the number before it (18.4.6)."""

    def __init__(self) -> None:
        self._digits: dict[int, int] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "vertAlign":
            self._digits = _RAISED.get(attributes.get("val", ""))
        elif name in ("r", "si", "c"):
            self._digits = None

    def written(self, data: str) -> str:
        return data.translate(self._digits) if self._digits else data


class _Rows:
    """Turns the elements of a sheet into lines."""

    def __init__(
        self, strings: Sequence[str], formats: Sequence[NumberFormat], oddities: Oddities, *, since_1904: bool
    ) -> None:
        self._strings = strings
        self._formats = formats
        self._oddities = oddities
        self._since_1904 = since_1904
        self._columns: dict[str, int] = {}
        self._row = 0
        self._column = -1
        self._cells: dict[int, str] = {}
        self._attributes: Mapping[str, str] = {}
        self._heard: list[str] | None = None
        self._value: str | None = None
        self._formula: str | None = None
        self._in_reading_aid = False
        self._height = Height()
        self._read = 0
        self._count = 0  # of all rows, with the empty cells in front of the last that holds something
        self.finished: list[Line] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in ("v", "t", "f"):
            self._heard = None if self._in_reading_aid else []
        elif name == "row":
            self._begin_row(attributes)
        elif name == "rPh":
            self._in_reading_aid = True  # how Japanese words are spoken
        elif name == "mergeCell":
            self._oddities.merged_ranges += 1
        self._height.start(name, attributes)

    def text(self, data: str) -> None:
        if self._heard is not None:
            self._heard.append(self._height.written(data))
            if len(self._heard) > LONGEST_CELL:
                raise too_large()

    def end(self, name: str) -> None:
        if name in ("v", "t", "f") and self._heard is not None:
            heard, self._heard = "".join(self._heard)[:LONGEST_CELL], None
            if name == "f":
                self._formula = heard
            elif len(self._value or "") < LONGEST_CELL:
                self._value = heard if name == "v" else (self._value or "") + heard
        elif name == "c":
            if text := self._shown():
                self._cells[self._column] = text
        elif name == "rPh":
            self._in_reading_aid = False
        elif name == "row" and self._cells:
            last = max(self._cells)
            self._count_cells(last + 1 - self._read)
            self.finished.append(Line(self._row, tuple(self._cells.get(at, "") for at in range(last + 1))))

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        row = int(attributes.get("r", self._row + 1))
        if not self._row < row <= MOST_ROWS:
            raise damaged()
        self._row, self._column, self._read, self._cells = row, -1, 0, {}
        self._oddities.hidden_rows += attributes.get("hidden") in ("1", "true")

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        self._column = self._column + 1 if place is None else self._column_of(place.rstrip("0123456789"))
        self._attributes, self._value, self._formula = attributes, None, None
        self._read += 1
        self._count_cells(1)
        if self._column >= MOST_COLUMNS:
            raise damaged()

    def _count_cells(self, more: int) -> None:
        self._count += max(more, 0)
        if self._count > MOST_CELLS:
            raise too_large()

    def _column_of(self, letters: str) -> int:
        known = self._columns.get(letters)
        if known is None:
            if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
                raise damaged()
            known = -1
            for letter in letters:
                known = (known + 1) * 26 + ord(letter) - ord("A")
            self._columns[letters] = known
        return known

    def _shown(self) -> str:
        kind, value = self._attributes.get("t", "n"), self._value or ""
        if self._formula is not None and not value and (kind != "str" or self._value is None):
            return f"={self._formula}"  # its result was not stored
        match kind:
            case "s":
                return self._strings[int(value)] if value else ""
            case "b":
                return _BOOLEANS.get(value.strip().lower(), value)
            case "n":
                return self._format().shown(value, since_1904=self._since_1904) if value else ""
            case "d":
                return value.removesuffix("T00:00:00")
            case _:
                return unescaped(value)

    def _format(self) -> NumberFormat:
        style = int(self._attributes.get("s", 0))
        return self._formats[style] if style < len(self._formats) else _PLAIN


def read_rows(
    part: IO[bytes],
    *,
    strings: Sequence[str],
    formats: Sequence[NumberFormat],
    oddities: Oddities,
    since_1904: bool,
) -> Iterator[Line]:
    """Every row that holds something; the rows between are not made up. Raises UnreadableFileError."""
    oddities.hidden_rows = oddities.merged_ranges = 0
    rows = _Rows(strings, formats, oddities, since_1904=since_1904)
    pieces = read_part(part, rows.start, rows.end, rows.text)
    while True:
        try:
            next(pieces)
        except StopIteration:
            return
        except IndexError:  # a shared string that is not there
            raise damaged() from None
        yield from rows.finished
        rows.finished.clear()


def unescaped(text: str) -> str:
    """Characters that XML may not hold are written as _x0007_ (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
