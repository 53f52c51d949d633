"""A table in a file, CSV or XLSX, as numbered lines of text cells."""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl

from idp.misconfiguration import Misconfiguration

_DELIMITERS = ";,\t"
_XLSX_MAGIC = b"PK\x03\x04"
_XLS_MAGIC = b"\xd0\xcf\x11\xe0"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITER_HINT = "sep="
_PADDING_FORMAT = re.compile(r'[0\\\- "]+')
_BROKEN_XLSX = (zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, IndexError)


class UnreadableFileError(Misconfiguration):
    """The file as a whole cannot be used; the text says why, for an operator, and quotes nothing but headers."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, numbered as an editor or a spreadsheet numbers it."""

    number: int
    cells: tuple[str, ...] | None
    """None when the line's quotation marks do not close."""
    text: str = field(default="", compare=False, repr=False)
    """What stands there when there are no cells; it reaches as far as the open quotation does."""

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return self.cells is not None and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that can be read again and again, line by line."""

    lines: Callable[[], Iterator[Line]]
    last_line: int
    """0 when the file does not say."""


def folded(header: str) -> str:
    """Fold a header to small letters and digits, so that "Org.nr" and "ORGNR" are one."""
    return "".join(char for char in unicodedata.normalize("NFKC", header).casefold() if char.isalnum())


def open_table(path: Path, *, is_header: Callable[[str], bool]) -> Table:
    """Open a table whose format is told by its content.

    CSV may be UTF-8 with or without a mark, UTF-16 with one, or Windows-1252; of semicolon, comma and tab it is
    delimited by the one that yields most words that `is_header` knows. Raises UnreadableFileError, and OSError when
    there is no such file.
    """
    content = path.read_bytes()
    if path.suffix.lower() == ".xlsx" and content and not content.startswith((_XLSX_MAGIC, _XLS_MAGIC)):
        raise UnreadableFileError("this is not an XLSX workbook; save it as one, or name it .csv if it is text")
    if content.startswith(_XLS_MAGIC):
        raise UnreadableFileError("this is an old Excel file; save it as XLSX or CSV")
    if content.startswith(_XLSX_MAGIC):
        return Table(lambda: _xlsx_lines(content), _xlsx_last_line(content))
    text = _decoded(content)
    delimiter = _delimiter(text, is_header)
    return Table(lambda: _csv_lines(text, delimiter), len(text.splitlines()))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-16",) if content.startswith(_UTF16_MARKS) else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFileError("this is neither XLSX nor text in UTF-8 or Windows-1252")


def _delimiter(text: str, is_header: Callable[[str], bool]) -> str:
    first = next((line for line in text.splitlines() if line.strip() and not _is_hint(line)), "")
    return max(_DELIMITERS, key=lambda mark: sum(map(is_header, first.split(mark))))


def _is_hint(line: str) -> bool:
    return line.lower().startswith(_DELIMITER_HINT)


def _csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    consumed: list[str] = []
    reader = csv.reader(_remembered(io.StringIO(text, newline=""), consumed), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        consumed.clear()
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error:
            yield Line(number, None, "".join(consumed).rstrip("\r\n"))
        else:
            yield Line(number, () if number == 1 and cells and _is_hint(cells[0]) else cells)


def _remembered(lines: Iterable[str], consumed: list[str]) -> Iterator[str]:
    for line in lines:
        consumed.append(line)
        yield line


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    try:
        for number, row in enumerate(_quietly(_xlsx_rows(content)), start=1):
            yield Line(number, tuple(_text(cell.value, cell.number_format) for cell in row))
    except _BROKEN_XLSX:
        raise UnreadableFileError("the XLSX file is damaged; save it again") from None


def _xlsx_rows(content: bytes) -> Iterator[tuple[Any, ...]]:
    for sheet in _workbook(content).worksheets[:1]:
        sheet.reset_dimensions()  # some programs write too small an extent, and the cells outside it would be lost
        yield from sheet.iter_rows()


def _xlsx_last_line(content: bytes) -> int:
    try:
        with warnings.catch_warnings(action="ignore"):
            return max((sheet.max_row or 0 for sheet in _workbook(content).worksheets[:1]), default=0)
    except _BROKEN_XLSX:
        raise UnreadableFileError("the XLSX file is damaged; save it again") from None


def _workbook(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)


def _quietly(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Pass rows on without the library's warnings about decorations of a workbook, which nobody reads here."""
    while True:
        with warnings.catch_warnings(action="ignore"):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _text(value: object, number_format: str | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return _padded(str(int(value)), number_format)
        case int():
            return _padded(str(value), number_format)
        case datetime():
            return value.date().isoformat()
        case _:
            return str(value)


def _padded(digits: str, number_format: str | None) -> str:
    """Give back the leading zeros that a format such as 000000 shows and the stored number has not."""
    if number_format and _PADDING_FORMAT.fullmatch(number_format):
        return digits.zfill(number_format.count("0"))
    return digits
