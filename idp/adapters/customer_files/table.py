"""A table in a file: numbered lines of text cells, whatever program wrote them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from idp.misconfiguration import Misconfiguration

LARGEST_FILE = 100_000_000
"""Bytes."""


class UnreadableFileError(Misconfiguration):
    """The file as a whole cannot be used; the text says why, for an operator, and quotes nothing but headers."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, numbered as an editor or a spreadsheet numbers it."""

    number: int
    cells: tuple[str, ...] | None
    """None when a quotation mark does not close."""
    text: str = field(default="", compare=False, repr=False)
    """What stands there when there are no cells."""

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return self.cells is not None and not any(cell and not cell.isspace() for cell in self.cells)


@dataclass(slots=True)
class Oddities:
    """What a sheet had that is not seen in its cells; counted while it is read."""

    hidden_rows: int = 0
    merged_ranges: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that can be read again and again, line by line."""

    lines: Callable[[], Iterator[Line]]
    last_line: int
    """0 when the file does not say."""
    sheet: str | None = None
    """The name of the sheet; None for a text file."""
    is_hidden: bool = False
    oddities: Oddities = field(default_factory=Oddities)
    """Of the last reading."""


def cell_name(column: int, line: int) -> str:
    """The name that a spreadsheet shows for a cell: B7 for the second column, counted from 0, of line 7."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{line}"
