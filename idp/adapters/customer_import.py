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

A cell is only ever text: one that begins with =, +, - or @ is not computed. In XLSX the value that the spreadsheet
last showed is read, from the first sheet.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from idp.adapters.spreadsheet import Line, Table, UnreadableFileError, folded, open_table
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN
from idp.core.people.register import Field, Refusal, RefusedLine, RegisterEntry, Row, plan, read_line

__all__ = [
    "RefusedLine",
    "RegisterEntry",
    "RegisterFile",
    "Row",
    "UnknownHeader",
    "UnreadableFileError",
    "plan",
    "read_register",
]

Progress = Callable[[int, int], None]
"""Called now and then with the lines done and the lines in all, as far as the file says how many it has."""

HEADERS: Mapping[str, Field] = {
    **dict.fromkeys(
        ("kundnummer", "kundnr", "kundid", "customernumber", "customerno", "customerid"),
        Field.NUMBER,
    ),
    **dict.fromkeys(
        (
            "organisationsnummer",
            "organisationsnr",
            "orgnummer",
            "orgnr",
            "personorgnr",
            "personorganisationsnummer",
            "organisationnumber",
            "organizationnumber",
            "orgnumber",
            "orgno",
        ),
        Field.ORGANISATION_NUMBER,
    ),
    **dict.fromkeys(
        ("företag", "företagsnamn", "namn", "kundnamn", "name", "company", "companyname", "customername"),
        Field.NAME,
    ),
    **dict.fromkeys(("ort", "postort", "stad", "city", "town"), Field.CITY),
    **dict.fromkeys(("epost", "epostadress", "mejl", "mejladress", "email", "emailaddress", "mail"), Field.EMAIL),
    **dict.fromkeys(("telefon", "telefonnummer", "telefonnr", "tel", "phone", "phonenumber", "telephone"), Field.PHONE),
    **dict.fromkeys(("aktiv", "status", "active"), Field.ACTIVE),
}
"""Header as letters and digits only, in small letters, to the fact below it."""

REQUIRED = (Field.NUMBER, Field.ORGANISATION_NUMBER, Field.NAME)

_PROGRESS_EVERY = 200


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """A column that is not imported, and the header that may have been meant."""

    name: str
    meant: str | None

    def __str__(self) -> str:
        return f'"{self.name}"' + (f' (did you mean "{self.meant}"?)' if self.meant else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """A file whose columns are understood; its lines are read when they are asked for."""

    table: Table
    columns: Mapping[Field, int]
    unknown_headers: tuple[UnknownHeader, ...]
    header_line: int
    width: int
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

    def _read(self, line: Line) -> tuple[Row, ...] | tuple[RefusedLine]:
        if line.cells is None:
            return (RefusedLine(line.number, Refusal.UNREADABLE),)
        if any(cell.strip() for cell in line.cells[self.width :]):
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
        columns=columns,
        unknown_headers=unknown,
        header_line=header.number,
        width=len(header.cells),
        pattern=pattern,
    )


def _columns(names: tuple[str, ...]) -> tuple[dict[Field, int], tuple[UnknownHeader, ...]]:
    columns: dict[Field, int] = {}
    unknown: list[UnknownHeader] = []
    for at, name in enumerate(names):
        column = HEADERS.get(folded(name))
        if column is None:
            unknown += [_unknown(name)] if name.strip() else []
        elif column in columns:
            raise UnreadableFileError(f'two columns for {column}: "{names[columns[column]]}" and "{name}"')
        else:
            columns[column] = at
    if not columns:
        # A file without a header begins with somebody's data, which is not repeated here.
        raise UnreadableFileError("the first line names no known column; it must hold the headers")
    if absent := [name for name in REQUIRED if name not in columns]:
        others = ", ".join(map(str, unknown))
        raise UnreadableFileError(
            f"no column for {' and '.join(absent)}" + (f"; not understood: {others}" if others else "")
        )
    return columns, tuple(unknown)


def _unknown(name: str) -> UnknownHeader:
    close = difflib.get_close_matches(folded(name), HEADERS, n=1, cutoff=0.75)
    return UnknownHeader(name.strip(), close[0] if close else None)


def _nobody(_done: int, _in_all: int) -> None:
    """Report progress to nobody."""
