"""The customer register as a file: CSV or XLSX, read line by line into rows and refused lines.

The first line that is not empty names the columns. Capitals, spaces, dots and hyphens do not matter.

    column                 accepted headers                                                            must be there
    customer_number        Kundnummer, Kundnr, Kund-ID, Customer number, Customer no                   yes
    organisation_number    Organisationsnummer, Org.nr, Person-/orgnr, Organisation number, Org no     yes
    name                   Företag, Företagsnamn, Namn, Kundnamn, Name, Company, Company name          yes
    city                   Ort, Postort, Stad, City, Town                                              no
    email                  E-post, E-postadress, Mejl, E-mail, E-mail address (the contact on file)    no
    phone                  Telefon, Telefonnummer, Tel, Phone, Phone number (the contact on file)      no
    active                 Aktiv, Status, Active: ja/nej, yes/no, true/false, 1/0, aktiv/inaktiv       no, then active
    (not read)             Reason: why a line was refused before, in a report of refused lines         no

A cell is only ever text: one that begins with =, +, - or @ is not computed. In XLSX the value that the spreadsheet
last showed is read, from the first sheet.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from idp.adapters.customer_files.spreadsheet import Line, Table, UnreadableFileError, folded, open_table
from idp.core.customer_register.plan import Field, Refusal, RefusedLine, RegisterEntry, Row, plan, read_line
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN

__all__ = [
    "RefusedCells",
    "RefusedLine",
    "RegisterEntry",
    "RegisterFile",
    "Row",
    "UnknownHeader",
    "UnreadableFileError",
    "accepted_headers",
    "plan",
    "read_register",
]

Progress = Callable[[int, int], None]
"""Called now and then with the lines done and the lines in all, as far as the file says how many it has."""

WRITTEN: Mapping[Field, tuple[str, ...]] = {
    Field.NUMBER: ("Kundnummer", "Kundnr", "Kund-ID", "Customer number", "Customer no", "Customer ID"),
    Field.ORGANISATION_NUMBER: (
        "Organisationsnummer",
        "Organisationsnr",
        "Orgnummer",
        "Org.nr",
        "Person-/orgnr",
        "Person-/organisationsnummer",
        "Organisation number",
        "Organization number",
        "Org number",
        "Org no",
    ),
    Field.NAME: (
        "Företag",
        "Företagsnamn",
        "Namn",
        "Kundnamn",
        "Name",
        "Company",
        "Company name",
        "Customer name",
    ),
    Field.CITY: ("Ort", "Postort", "Stad", "City", "Town"),
    Field.EMAIL: ("E-post", "E-postadress", "Mejl", "Mejladress", "E-mail", "E-mail address", "Mail"),
    Field.PHONE: ("Telefon", "Telefonnummer", "Telefonnr", "Tel", "Phone", "Phone number", "Telephone"),
    Field.ACTIVE: ("Aktiv", "Status", "Active"),
}
"""Headers as people write them; the first is the one that we say ourselves."""

HEADERS: Mapping[str, Field] = {folded(name): field for field, names in WRITTEN.items() for name in names}
"""Header as letters and digits only, in small letters, to the fact below it."""

REASON_HEADER = "Reason"
"""The column of a report that says why a line was refused; it is passed over when the report is imported."""

REQUIRED = (Field.NUMBER, Field.ORGANISATION_NUMBER, Field.NAME)

_PROGRESS_EVERY = 200


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """A column that is not imported, and the header that may have been meant."""

    name: str
    meant: str | None

    def __str__(self) -> str:
        return f'"{self.name}"' + (f' (did you mean "{self.meant}"?)' if self.meant else "")


@dataclass(frozen=True, slots=True)
class RefusedCells:
    """A refused line with its cells as they stand in the file; a line that cannot be read is one cell."""

    refused: tuple[RefusedLine, ...]
    """All on this line: one for each of its numbers that is refused."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A file whose columns are understood; its lines are read when they are asked for."""

    table: Table
    headers: tuple[str, ...]
    columns: Mapping[Field, int]
    unknown_headers: tuple[UnknownHeader, ...]
    header_line: int
    pattern: str | re.Pattern[str]

    def rows(self, progress: Progress | None = None) -> Iterator[Row | RefusedLine]:
        """Read every line below the header: its rows, or why it is refused. Blank lines are passed over.

        Raises UnreadableFileError when the file breaks off.
        """
        report = progress or _nobody
        done = self.header_line
        for line in self.table.lines():
            if line.number > self.header_line and not line.is_blank:
                yield from self._read(line)
            done = line.number
            if done % _PROGRESS_EVERY == 0:
                report(done, max(done, self.table.last_line))
        report(done, done)

    def refused_cells(self, refused: Iterable[RefusedLine]) -> Iterator[RefusedCells]:
        """Read the file again for the lines that were refused, in the order of the file.

        Raises UnreadableFileError when the file breaks off.
        """
        by_line: dict[int, list[RefusedLine]] = {}
        for each in refused:
            by_line.setdefault(each.line, []).append(each)
        for line in self.table.lines():
            if line.number in by_line:
                yield RefusedCells(tuple(by_line[line.number]), (line.text,) if line.cells is None else line.cells)

    def header_of(self, field: Field) -> str:
        """The header of this file over a fact, as it is written there."""
        at = self.columns.get(field)
        return self.headers[at].strip() if at is not None else WRITTEN[field][0]

    def _read(self, line: Line) -> tuple[Row, ...] | tuple[RefusedLine]:
        if line.cells is None:
            return (RefusedLine(line.number, Refusal.UNREADABLE),)
        if any(cell.strip() for cell in line.cells[len(self.headers) :]):
            return (RefusedLine(line.number, Refusal.TOO_MANY_CELLS),)
        cells = {name: line.cells[at] for name, at in self.columns.items() if at < len(line.cells)}
        return read_line(line.number, cells, self.pattern)


def read_register(path: Path, pattern: str | re.Pattern[str] = CUSTOMER_NUMBER_PATTERN) -> RegisterFile:
    """Open a register file and understand its header.

    Raises UnreadableFileError, and OSError when there is no such file.
    """
    table = open_table(path, is_header=lambda name: folded(name) in HEADERS)
    header = next((line for line in table.lines() if not line.is_blank), None)
    if header is None:
        raise UnreadableFileError("the file is empty")
    if header.cells is None:
        raise UnreadableFileError(f"the header in line {header.number} has an unclosed quotation mark")
    columns, unknown = _columns(header.cells)
    return RegisterFile(
        table=table,
        headers=header.cells,
        columns=columns,
        unknown_headers=unknown,
        header_line=header.number,
        pattern=pattern,
    )


def _columns(names: tuple[str, ...]) -> tuple[dict[Field, int], tuple[UnknownHeader, ...]]:
    columns: dict[Field, int] = {}
    unknown: list[UnknownHeader] = []
    for at, name in enumerate(names):
        column = HEADERS.get(folded(name))
        if column is None:
            unknown += [_unknown(name)] if name.strip() and not is_reason(name) else []
        elif column in columns:
            raise UnreadableFileError(f'two columns for {WRITTEN[column][0]}: "{names[columns[column]]}" and "{name}"')
        else:
            columns[column] = at
    if not columns:
        # A file without a header begins with somebody's data, which is not repeated here.
        raise UnreadableFileError("the first line names no known column; it must hold the headers")
    if absent := [name for name in REQUIRED if name not in columns]:
        others = ", ".join(map(str, unknown))
        raise UnreadableFileError(
            f"no column for {' and '.join(WRITTEN[name][0] for name in absent)}"
            + (f"; not understood: {others}" if others else "")
        )
    return columns, tuple(unknown)


def _unknown(name: str) -> UnknownHeader:
    close = difflib.get_close_matches(folded(name), HEADERS, n=1, cutoff=0.75)
    return UnknownHeader(name.strip(), _as_written(close[0]) if close else None)


def _as_written(header: str) -> str:
    return next(name for name in WRITTEN[HEADERS[header]] if folded(name) == header)


def is_reason(header: str) -> bool:
    """Whether a header is that of a report's reasons."""
    return folded(header) == folded(REASON_HEADER)


def accepted_headers() -> Iterator[tuple[Field, tuple[str, ...], bool]]:
    """Each fact with the headers it may stand under, and whether it must be there."""
    for field, names in WRITTEN.items():
        yield field, names, field in REQUIRED


def _nobody(_done: int, _in_all: int) -> None:
    """Report progress to nobody."""
