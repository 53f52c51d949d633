"""An Excel workbook, transitional or strict: its sheets as tables (ECMA-376 part 1; ISO/IEC 29500-1)."""

import io
import posixpath
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO

from idp.adapters.customer_files.kinds import refuse_package
from idp.adapters.customer_files.number_format import BUILT_IN, NumberFormat
from idp.adapters.customer_files.table import Line, Oddities, Table
from idp.adapters.customer_files.xlsx_sheet import Height, read_rows, unescaped
from idp.adapters.customer_files.xml_part import LARGEST_PART, damaged, read_part, too_large

_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, KeyError, EOFError)
_SUSPICIOUS_SIZE, _SUSPICIOUS_RATIO = 50_000_000, 100
"""A part this large that was packed this tightly holds one thing over and over (CWE-409)."""
_MOST_STRING_MEMORY, _STRING_MEMORY_PER_BYTE = 80_000_000, 20
"""Bytes of all shared strings together; a large file may have more."""
_LAST_ROW = re.compile(rb'<(?:\w+:)?dimension ref="[^"]*?([0-9]+)"')

_Elements = list[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True)
class Workbook:
    """The package, and what its sheets share."""

    content: bytes = field(repr=False)

    @classmethod
    def open(cls, content: bytes) -> "Workbook":
        """Raises UnreadableFileError for what is no workbook, or one that is protected or damaged."""
        with _unpacking(), zipfile.ZipFile(io.BytesIO(content)) as package:
            refuse_package(package)
        return cls(content)

    def tables(self) -> Sequence[Table]:
        """A table for each worksheet, in their order; charts are none. Raises UnreadableFileError."""
        return [self._table(sheet) for sheet in self._sheets]

    def _table(self, sheet: _Sheet) -> Table:
        oddities = Oddities()
        return Table(
            lines=lambda: self._lines(sheet, oddities),
            last_line=self._last_line(sheet),
            sheet=sheet.name,
            is_hidden=sheet.is_hidden,
            oddities=oddities,
        )

    def _lines(self, sheet: _Sheet, oddities: Oddities) -> Iterator[Line]:
        with self._part(sheet.part) as part:
            yield from read_rows(
                part,
                strings=self._strings,
                formats=self._formats,
                oddities=oddities,
                since_1904=self._since_1904,
            )

    def _last_line(self, sheet: _Sheet) -> int:
        with self._part(sheet.part) as part:
            found = _LAST_ROW.search(part.read(4096))
        return int(found[1][:9]) if found else 0

    @cached_property
    def _workbook(self) -> tuple[str, _Elements]:
        """The main part's name and its elements."""
        targets = self._related("_rels/.rels", "")
        name = next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")
        return name, self._elements(name, {"sheet", "workbookPr"})

    @cached_property
    def _targets(self) -> Mapping[str, tuple[str, str]]:
        folder, name = posixpath.split(self._workbook[0])
        return self._related(f"{folder}/_rels/{name}.rels", folder)

    @cached_property
    def _sheets(self) -> Sequence[_Sheet]:
        found = []
        for element, attributes in self._workbook[1]:
            relation = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
            kind, target = self._targets.get(relation, ("", ""))
            if element == "sheet" and kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                found.append(_Sheet(attributes.get("name", ""), target, hidden))
        return found

    @cached_property
    def _since_1904(self) -> bool:
        return any(attributes.get("date1904") in ("1", "true") for _, attributes in self._workbook[1])

    @cached_property
    def _formats(self) -> Sequence[NumberFormat]:
        """One for each style that a cell may name."""
        name = self._shared("styles")
        elements = self._elements(name, {"numFmt", "cellXfs", "cellStyleXfs", "xf"}) if name else []
        codes = {**BUILT_IN}
        ids: list[int] = []
        in_cell_styles = False
        for element, attributes in elements:
            if element == "numFmt":
                codes[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")
            elif element == "xf" and in_cell_styles:
                ids.append(int(attributes.get("numFmtId", 0)))
            else:
                in_cell_styles = element == "cellXfs"
        known = {number: NumberFormat.of(codes.get(number, "general")) for number in set(ids)}
        return [known[number] for number in ids]

    @cached_property
    def _strings(self) -> Sequence[str]:
        """Texts that cells name by their place."""
        name = self._shared("sharedStrings")
        strings = _Strings(max(_MOST_STRING_MEMORY, _STRING_MEMORY_PER_BYTE * len(self.content)))
        if name:
            self._read(name, strings.start, strings.end, strings.text)
        return strings.finished

    def _shared(self, wanted: str) -> str | None:
        return next((target for kind, target in self._targets.values() if kind == wanted), None)

    def _related(self, name: str, folder: str) -> Mapping[str, tuple[str, str]]:
        """What a part refers to: the last word of the relationship's type, which strict documents share, and the target."""
        return {
            attributes.get("Id", ""): (
                attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/"),
            )
            for _, attributes in self._elements(name, {"Relationship"})
        }

    def _elements(self, name: str, wanted: set[str]) -> _Elements:
        found: _Elements = []

        def start(element: str, attributes: Mapping[str, str]) -> None:
            if element in wanted:
                found.append((element, attributes))
                if len(found) > 100_000:
                    raise too_large()

        self._read(name, start, lambda _: None, lambda _: None)
        return found

    def _read(
        self,
        name: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        with self._part(name) as part:
            for _ in read_part(part, start, end, text):
                pass

    @contextmanager
    def _part(self, name: str) -> Iterator[IO[bytes]]:
        with _unpacking(), zipfile.ZipFile(io.BytesIO(self.content)) as package:
            about = package.getinfo(name)
            ratio = about.file_size / max(about.compress_size, 1)
            if about.file_size > LARGEST_PART or (about.file_size > _SUSPICIOUS_SIZE and ratio > _SUSPICIOUS_RATIO):
                raise too_large()
            with package.open(about) as part:
                yield part


class _Strings:
    """Collects shared strings; formatted ones are in several pieces, and how words are spoken is passed over."""

    def __init__(self, most_memory: int) -> None:
        self.finished: list[str] = []
        self._most_memory = most_memory
        self._pieces: list[str] = []
        self._hears = False
        self._in_reading_aid = False
        self._height = Height()
        self._memory = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._height.start(name, attributes)
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._in_reading_aid = True
        self._hears = name == "t" and not self._in_reading_aid

    def text(self, data: str) -> None:
        if self._hears:
            self._pieces.append(self._height.written(data))
            self._memory += sys.getsizeof(data)
            if self._memory > self._most_memory:
                raise too_large()

    def end(self, name: str) -> None:
        self._hears = False
        if name == "si":
            self.finished.append(unescaped("".join(self._pieces)))
            self._memory += 8  # its place in the list
        elif name == "rPh":
            self._in_reading_aid = False


@contextmanager
def _unpacking() -> Iterator[None]:
    try:
        yield
    except _BROKEN:
        raise damaged() from None
