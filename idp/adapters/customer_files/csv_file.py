"""Text with delimiters as numbered lines, also where quotation marks are not closed."""

import csv
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from idp.adapters.customer_files.table import Line, Table

_DELIMITERS = ";,\t|"
_DELIMITER_HINT = "sep="
_LINES_LOOKED_AT = 30
"""In search of a line with headers."""
_MOST_LINES_IN_A_CELL = 20
_LINE = re.compile(r"([^\r\n]*)(?:\r\n?|\n)|([^\r\n]+)\Z")
_LONGEST_RECORD = 20_000
"""Characters of a record that goes over several lines."""


def csv_table(text: str, *, is_header: Callable[[str], bool]) -> Table:
    """A table whose delimiter is the one that makes most sense of its headers."""
    delimiter, width = _delimiter(text, is_header)
    packed = zlib.compress(
        text.encode(), 1
    )  # it is read twice at most, and has no room beside what is made of its lines
    return Table(
        lines=lambda: _lines(zlib.decompress(packed).decode(), delimiter, width),
        last_line=text.count("\n") or text.count("\r"),
    )


def _delimiter(text: str, is_header: Callable[[str], bool]) -> tuple[str, int]:
    """Semicolon, comma, tab or bar, and how many columns it makes where it makes most headers."""
    best, mark, width = 0, ";", 1
    for line in islice(_split(text), _LINES_LOOKED_AT):
        for candidate in _DELIMITERS:
            with suppress(_Unclosed):
                cells = _record(line, candidate) or ()
                headers = sum(map(is_header, cells))
                if headers > best:
                    best, mark, width = headers, candidate, len(cells)
    return mark, width


class _Unclosed(Exception):
    """The line ends within quotation marks."""


def _lines(text: str, delimiter: str, width: int) -> Iterator[Line]:
    physical = enumerate(_split(text), start=1)
    ahead: deque[tuple[int, str]] = deque()
    for number, line in _with_those_put_back(physical, ahead):
        if number == 1 and line.lower().startswith(_DELIMITER_HINT):
            yield Line(number, ())
        elif '"' not in line:
            yield Line(number, tuple(line.split(delimiter)))
        else:
            try:
                yield Line(number, _record(line, delimiter), line)
            except _Unclosed:
                ahead.extend(islice(physical, _MOST_LINES_IN_A_CELL - len(ahead)))
                cells, used = _record_of_several(line, [more for _, more in ahead], delimiter, width)
                for _ in range(used):
                    ahead.popleft()
                yield Line(number, cells, line)


def _split(text: str) -> Iterator[str]:
    """Lines as an editor ends them, one after the other: a list of all would be as large as the text once more."""
    return (found[1] or found[2] or "" for found in _LINE.finditer(text))


def _with_those_put_back(lines: Iterator[tuple[int, str]], ahead: deque[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines that were read ahead first, whenever there are any."""
    while True:
        if ahead:
            yield ahead.popleft()
        elif (line := next(lines, None)) is not None:
            yield line
        else:
            return


def _record_of_several(
    line: str, following: list[str], delimiter: str, width: int
) -> tuple[tuple[str, ...] | None, int]:
    """The cells of a line that goes on in the following ones, and how many of those it takes.

    None when the quotation does not close, or closes so that other records would be in one cell: then the line alone is
    refused, and the next ones are read.
    """
    record = line
    for used, more in enumerate(following, start=1):
        record = f"{record}\n{more}"
        if len(record) > _LONGEST_RECORD:
            break
        try:
            cells = _record(record, delimiter)
        except _Unclosed:
            continue
        swallowed = any("\n" in cell and cell.count(delimiter) >= width - 1 for cell in cells or ())
        return (None, 0) if cells is None or swallowed else (cells, used)
    return None, 0


def _record(text: str, delimiter: str) -> tuple[str, ...] | None:
    """The cells of a record; None when its quotation marks stand where they may not. Raises _Unclosed."""
    try:
        return tuple(next(csv.reader([text], delimiter=delimiter, strict=True), ()))
    except csv.Error as problem:
        if "unexpected end of data" in str(problem):
            raise _Unclosed from None
        return None
