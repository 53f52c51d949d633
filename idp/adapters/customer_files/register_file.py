"""The customer register as a file: CSV or XLSX, read line by line into what it says and what is refused.

The headers stand in one of the first lines; titles above them are passed over. A cell is only ever text: nothing is
computed, and of a formula the value that its program stored is read. Rows and columns that a sheet hides are read like the
others; hidden sheets only when the operator names one. A merged cell counts for its first row.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from idp.adapters.customer_files.csv_file import csv_table
from idp.adapters.customer_files.encoding import decoded
from idp.adapters.customer_files.headers import (
    REASON_HEADER,
    WRITTEN,
    Columns,
    columns_of,
    folded,
    has_required,
    is_header,
    is_reason,
)
from idp.adapters.customer_files.kinds import ZIP, refuse_binary, refuse_markup
from idp.adapters.customer_files.table import LARGEST_FILE, Line, Table, UnreadableFileError, cell_name
from idp.adapters.customer_files.xlsx_file import Workbook
from idp.core.customer_register.cell import Refusal, as_written
from idp.core.customer_register.facts import Field
from idp.core.customer_register.line import RefusedLine, RegisterLine, read_line
from idp.core.customer_register.ports import Progress
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN

MOST_REFUSED = 100_000
_LINES_WITH_TITLES = 20
_PROGRESS_EVERY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOfCustomers:
    """The port `RegisterFile`: a table whose columns are understood."""

    table: Table
    headers: tuple[str, ...]
    header_line: int
    columns: Columns
    pattern: re.Pattern[str]
    today: date

    @property
    def sheet(self) -> str | None:
        return self.table.sheet

    @property
    def unknown_headers(self) -> Sequence[str]:
        return [str(header) for header in self.columns.unknown]

    @property
    def remarks(self) -> Sequence[str]:
        oddities = self.table.oddities
        hidden = f"{oddities.hidden_rows} rows are hidden in the sheet; they were read like the others"
        merged = "the sheet has merged cells; each counts for its first row"
        return [hidden] * bool(oddities.hidden_rows) + [merged] * bool(oddities.merged_ranges)

    def rows(self, progress: Progress = lambda *_: None) -> Iterator[RegisterLine | RefusedLine]:
        """Read every line below the headers. Blank lines, and headers that are repeated, are passed over.

        Raises UnreadableFileError when the file breaks off, or when it is no register to judge by its lines.
        """
        refused = 0
        done = self.header_line
        for line in self.table.lines():
            done = line.number
            if done > self.header_line and not line.is_blank and line.cells != self.headers:
                row = self._read(line)
                refused += isinstance(row, RefusedLine)
                if refused > MOST_REFUSED:
                    raise UnreadableFileError(f"more than {MOST_REFUSED} lines would be refused; this is no register")
                yield row
            if done % _PROGRESS_EVERY == 0:
                progress(done, max(done, self.table.last_line))
        progress(done, done)

    def report(
        self, refused: Iterable[RefusedLine], reason_of: Callable[[RefusedLine], str]
    ) -> Iterator[Sequence[str]]:
        """Read the file again, for its refused lines. The reasons of an earlier report are replaced.

        Raises UnreadableFileError when the file breaks off.
        """
        by_line: dict[int, list[RefusedLine]] = {}
        for each in refused:
            by_line.setdefault(each.line, []).append(each)
        earlier = {at for at, header in enumerate(self.headers) if is_reason(header)}
        # The reason comes first: a line with too many cells would push it out of its column.
        yield REASON_HEADER, *(header for at, header in enumerate(self.headers) if at not in earlier)
        for line in self.table.lines():
            if line.number in by_line:
                cells = (
                    [line.text] if line.cells is None else [c for at, c in enumerate(line.cells) if at not in earlier]
                )
                yield "; ".join(map(reason_of, by_line[line.number])), *cells

    def header_of(self, column: Field) -> str:
        """The header of this file over a fact, as it is written there."""
        at = self.columns.places.get(column)
        return self.headers[at].strip() if at is not None else WRITTEN[column][0]

    def cell_of(self, line: int, column: Field) -> str:
        """The name that a spreadsheet gives the cell, such as B7."""
        at = self.columns.places.get(column)
        return cell_name(at, line) if at is not None else f"line {line}"

    def _read(self, line: Line) -> RegisterLine | RefusedLine:
        if line.cells is None:
            return RefusedLine(line.number, Refusal.UNCLOSED_QUOTATION)
        in_text, width = self.table.sheet is None, len(line.cells)
        if in_text and any(cell.strip() for cell in line.cells[len(self.headers) :]):
            return RefusedLine(line.number, Refusal.TOO_MANY_CELLS)  # in a sheet a remark beside it moves no cell
        cells = {
            column: as_written(line.cells[at]) if at < width else ""
            for column, at in self.columns.places.items()
            if at < width or not in_text
        }
        return read_line(line.number, cells, self.pattern, today=self.today)


def read_register(
    path: Path,
    pattern: str = CUSTOMER_NUMBER_PATTERN,
    *,
    today: date,
    encoding: str | None = None,
    sheet: str | None = None,
) -> TableOfCustomers:
    """Open a register file and understand its headers.

    Of a workbook, the visible sheet with the headers of a register is read, or the one that is named. Raises
    UnreadableFileError, and OSError when there is no such file.
    """
    table = _chosen(_tables(path, encoding), sheet)
    line = _header(table)
    if line is None:
        raise UnreadableFileError("the file is empty")
    if line.cells is None:
        raise UnreadableFileError(f"the header in line {line.number} has an unclosed quotation mark")
    return TableOfCustomers(
        table=table,
        headers=line.cells,
        header_line=line.number,
        columns=columns_of(line.cells),
        pattern=re.compile(pattern),
        today=today,
    )


def _tables(path: Path, encoding: str | None) -> Sequence[Table]:
    """The tables of a file, whose kind is told by its content."""
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableFileError(f"the file is larger than {LARGEST_FILE // 1_000_000} MB; leave out other columns")
    content = path.read_bytes()
    refuse_binary(content)
    if content.startswith(ZIP):
        return Workbook.open(content).tables()
    if path.suffix.lower() in (".xlsx", ".xlsm") and content:
        raise UnreadableFileError("this is not an XLSX workbook; save it as one, or name it .csv if it is text")
    text = decoded(content, encoding)
    refuse_markup(text)
    return [csv_table(text, is_header=is_header)]


def _chosen(tables: Sequence[Table], wanted: str | None) -> Table:
    """The table that is named, or the only visible one with the headers of a register."""
    names = ", ".join(f'"{table.sheet}"' + " (hidden)" * table.is_hidden for table in tables)
    if wanted is not None:
        named = [table for table in tables if table.sheet is not None and folded(table.sheet) == folded(wanted)]
        if len(named) != 1:
            raise UnreadableFileError(f'there is no sheet "{wanted}"' + (f"; there are {names}" if names else ""))
        return named[0]
    registers = [table for table in tables if (line := _header(table)) and has_required(line.cells or ())]
    visible = [table for table in registers if not table.is_hidden]
    if len(visible) > 1:
        several = " and ".join(f'"{table.sheet}"' for table in visible)
        raise UnreadableFileError(f"the sheets {several} are registers; name one with --sheet")
    if registers and not visible:
        raise UnreadableFileError(f'the sheet "{registers[0].sheet}" with the headers is hidden; name it with --sheet')
    if not tables:
        raise UnreadableFileError("the workbook has no sheet with cells")
    return visible[0] if visible else tables[0]


def _header(table: Table) -> Line | None:
    """The first line that names every needed column; else the line that names most, or the first that holds anything."""
    first = [line for line in islice(table.lines(), 10 * _LINES_WITH_TITLES) if not line.is_blank][:_LINES_WITH_TITLES]
    complete = (line for line in first if line.cells and has_required(line.cells))
    known = max(first, key=lambda line: sum(map(is_header, line.cells or ())), default=None)
    return next(complete, known)
