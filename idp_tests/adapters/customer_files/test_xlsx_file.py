"""Workbooks: what their cells show, every dialect of the format, and documents that are damaged or dangerous."""

import io
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import openpyxl.chart
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from idp.adapters.customer_files.table import Table, UnreadableFileError
from idp.adapters.customer_files.xlsx_file import Workbook
from idp_tests.adapters.customer_files.workbooks import Change, rewritten, strict, with_sheet, with_strings, xlsx_bytes

SHEET = re.compile(rb'<sheet [^>]*name="Sheet"[^>]*/>')


def first_table(content: bytes) -> Table:
    return Workbook.open(content).tables()[0]


def cells(content: bytes) -> list[tuple[str, ...] | None]:
    return [line.cells for line in first_table(content).lines()]


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        _read(content)
    return str(refused.value)


def _read(content: bytes) -> None:
    for table in Workbook.open(content).tables():
        list(table.lines())


def fill(sheet: Worksheet) -> None:
    sheet.append(["Nr", "Namn", "Ort"])
    sheet.append([10012345, 5560160680.0, True])
    sheet.append([None, False, 1.5])
    sheet.append([date(2026, 11, 22), "Åkeri", "'=1+1"])
    sheet["A6"], sheet["B6"], sheet["C6"] = 731204, 101011234, 7
    sheet["A6"].number_format = "00000000"
    sheet["B6"].number_format = r"000000\-0000"
    sheet["C6"].number_format = "0.00"
    sheet["D7"] = datetime(2026, 11, 22, 8, 30)  # noqa: DTZ001 - a sheet knows no zone


SHOWN = [
    (1, ("Nr", "Namn", "Ort")),
    (2, ("10012345", "5560160680", "true")),
    (3, ("", "false", "1.5")),
    (4, ("2026-11-22", "Åkeri", "'=1+1")),
    (6, ("00731204", "0101011234", "7.00")),
    (7, ("", "", "", "2026-11-22 08:30:00")),
]


def test_a_spreadsheets_cells_are_text_as_they_are_shown() -> None:
    table = first_table(xlsx_bytes(fill))
    assert table.last_line == 7
    assert [(line.number, line.cells) for line in table.lines()] == SHOWN
    assert list(table.lines()) == list(table.lines())


def test_a_strict_workbook_is_the_same_workbook() -> None:
    table = first_table(strict(xlsx_bytes(fill)))
    assert [(line.number, line.cells) for line in table.lines()] == SHOWN


def test_names_may_have_prefixes() -> None:
    def prefixed(name: str, part: bytes) -> bytes:
        if not name.startswith("xl/worksheets/"):
            return part
        return re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", part).replace(b'xmlns="', b'xmlns:x="')

    assert cells(rewritten(xlsx_bytes(lambda sheet: sheet.append(["Nr", 7])), prefixed)) == [("Nr", "7")]


def test_words_that_a_spreadsheet_stores_once_are_read_everywhere() -> None:
    strings = (
        "<si><t>Kundnr för Åkeri</t></si>"
        "<si><r><t>Björk</t></r><r><t> AB</t></r><rPh><t>ビョルク</t></rPh></si><si><t>a_x0009_b</t></si>"
    )
    row = b'<row r="1">' + b"".join(b'<c t="s"><v>%d</v></c>' % at for at in (0, 1, 0, 2)) + b"</row>"
    assert cells(with_strings(strings.encode(), row)) == [("Kundnr för Åkeri", "Björk AB", "Kundnr för Åkeri", "a\tb")]


def test_a_footnotes_mark_in_a_stored_text_stays_one() -> None:
    mark = b'<si><r><t>1001234</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r></si><si><t>3</t></si>'
    row = b'<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    assert cells(with_strings(mark, row)) == [("1001234\u00b2", "3")]


def test_a_wrong_extent_loses_no_cells() -> None:
    content = xlsx_bytes(lambda sheet: list(map(sheet.append, [["Nr", "Namn"], ["1", "Ek"]])))
    wrong = rewritten(content, lambda _name, part: part.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
    assert cells(wrong) == [("Nr", "Namn"), ("1", "Ek")]


def test_a_missing_extent_leaves_the_last_line_open() -> None:
    assert first_table(with_sheet(b"<row><c><v>1</v></c></row>")).last_line == 0


def test_a_workbook_of_charts_alone_has_no_table() -> None:
    workbook = openpyxl.Workbook()
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(workbook.worksheets[0], min_col=1, min_row=1))
    workbook.create_chartsheet().add_chart(chart)
    written = io.BytesIO()
    workbook.save(written)
    content = rewritten(
        written.getvalue(), lambda name, part: SHEET.sub(b"", part) if name == "xl/workbook.xml" else part
    )
    assert Workbook.open(content).tables() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda name, part: None if name == "xl/workbook.xml" else part,
        lambda name, part: part[: len(part) // 2] if name.startswith("xl/worksheets") else part,
        lambda name, part: part.replace(b"<row", b"<row r='1'><c r='A1' t='s'><v>9</v></c></row><row"),
        lambda name, part: part.replace(b'r="1"', b'r="x"'),
        lambda name, part: part.replace(b'<c r="A1"', b'<c r="1A1"'),
        lambda name, part: part.replace(b"<worksheet", b"<!DOCTYPE worksheet [<!ENTITY a 'b'>]><worksheet"),
    ],
)
def test_a_damaged_workbook_is_refused(damage: Change) -> None:
    content = rewritten(xlsx_bytes(lambda sheet: sheet.append(["Nr", "Namn"])), damage)
    assert "damaged" in refusal(content)


def test_a_file_that_breaks_off_is_refused() -> None:
    assert "damaged" in refusal(xlsx_bytes(fill)[:2000])


# --- what is no workbook, by name


def package(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as new:
        for name, part in parts.items():
            new.writestr(name.replace("__", "/").replace("_dot_", "."), part)
    return written.getvalue()


def encrypted(content: bytes) -> bytes:
    """Say of every part that it is encrypted (APPNOTE 4.4.4)."""
    flagged = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = flagged.find(mark)
        while at >= 0:
            flagged[at + offset] |= 1
            at = flagged.find(mark, at + 1)
    return bytes(flagged)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (package(xl__workbook_dot_bin=b""), "a binary workbook (.xlsb)"),
        (
            package(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b""),
            "an OpenDocument file",
        ),
        (package(word__document_dot_xml=b""), "a Word document"),
        (package(Index__Document_dot_iwa=b""), "a document of Apple Numbers"),
        (package(kunder_dot_csv=b"Kundnr"), "an archive and no workbook"),
        (encrypted(xlsx_bytes(fill)), "protected by a password"),
    ],
)
def test_an_archive_that_is_no_workbook_is_told_by_name(content: bytes, said: str) -> None:
    assert said in refusal(content)


# --- sizes

READ = """
import re, resource, sys
from datetime import date
from pathlib import Path
from idp.adapters.customer_files.register_file import read_register
from idp.adapters.customer_files.table import UnreadableFileError
try:
    print(sum(1 for _ in read_register(Path(sys.argv[1]), today=date(2026, 1, 1)).rows()))
except UnreadableFileError as refused:
    print(refused)
used = resource.getrusage(resource.RUSAGE_SELF)
most = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(most // 1024, round(used.ru_utime + used.ru_stime, 1))
"""
"""The peak of this image alone: what getrusage says begins with the size of the process that forked it."""
MOST_MEGABYTES = 100
"""A third of 300, for a third of the 3 MB that may take so much."""


def repeated(text: bytes, megabytes: int) -> bytes:
    return text * (megabytes * 1_000_000 // len(text))


def rows(one: bytes, count: int) -> bytes:
    return b"".join(b'<row r="%d">%s</row>' % (at, one) for at in range(2, count))


HEADERS = b'<row r="1">' + b"".join(
    b'<c t="inlineStr"><is><t>%s</t></is></c>' % name for name in (b"Kundnr", b"Orgnr", b"Namn")
)
BOMBS: dict[str, Callable[[], bytes]] = {
    "a row far away": lambda: with_sheet(HEADERS + b'</row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
    "a row beyond the last": lambda: with_sheet(HEADERS + b'</row><row r="99999999999"><c><v>1</v></c></row>'),
    "a cell beyond the last": lambda: with_sheet(HEADERS + b'</row><row r="2"><c r="ZZZ2"><v>1</v></c></row>'),
    "very many empty rows": lambda: with_sheet(HEADERS + b"</row>" + rows(b"", 350_000)),
    "very many empty cells": lambda: with_sheet(HEADERS + b"</row>" + rows(b'<c s="1"/>' * 10, 35_000)),
    "two hundred megabytes of blanks": lambda: with_sheet(HEADERS + b"</row>" + b" " * 200_000_000),
    "one text of a hundred megabytes": lambda: with_sheet(b"<row><c><v>" + b"1" * 100_000_000 + b"</v></c></row>"),
    "elements within elements": lambda: with_sheet(b"<a>" * 5_000_000),
    "very many names": lambda: with_sheet(b"".join(b"<n%d/>" % at for at in range(700_000))),
    "an attribute without an end": lambda: with_sheet(b'<row r="' + b"1" * 40_000_000),
    "very many strings": lambda: with_strings(b"".join(b"<si><t>%06d</t></si>" % at for at in range(700_000))),
    "a million cells in a row": lambda: with_sheet(b"<row>" + b"<c/>" * 1_000_000 + b"</row>"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_takes_little_memory_and_comes_to_an_end(name: str, tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    path.write_bytes(BOMBS[name]())
    assert path.stat().st_size < 12_000_000
    said, used = _read_apart(path)
    megabytes, seconds = map(float, used.split())
    assert megabytes < MOST_MEGABYTES, said
    assert seconds < 30, said
    print(f"{name}: {path.stat().st_size // 1000} kB, {megabytes:.0f} MB, {seconds} s: {said}")


def test_a_small_text_file_takes_little_memory_too(tmp_path: Path) -> None:
    for name, content in {
        "blank lines": b"Kundnr;Orgnr;Namn\n" + b"\n" * 1_000_000,
        "cells": b"Kundnr;Orgnr;Namn\n" + b";" * 1_000_000,
        "refused lines": b"Kundnr;Orgnr;Namn\n" + b"x\n" * 500_000,
        "open quotations": b"Kundnr;Orgnr;Namn\n" + b'1;"x\n' * 200_000,
        "numbers in a cell": b"Kundnr;Orgnr;Namn\n" + b"1001/" * 200_000,
    }.items():
        path = tmp_path / "register.csv"
        path.write_bytes(content)
        said, used = _read_apart(path)
        megabytes, seconds = map(float, used.split())
        assert megabytes < MOST_MEGABYTES, (name, said)
        assert seconds < 10, (name, said)
        print(f"{name}: {megabytes:.0f} MB, {seconds} s: {said}")


def _read_apart(path: Path) -> list[str]:
    """In a separate process, whose memory can be measured."""
    read = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000)),
    )
    return read.stdout.splitlines()
