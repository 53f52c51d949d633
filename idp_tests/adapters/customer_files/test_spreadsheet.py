"""Tables in files: encodings, delimiters, broken quotes, and what a spreadsheet shows."""

import re
import warnings
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import openpyxl.chart
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from idp.adapters.customer_files.spreadsheet import Table, UnreadableFileError, folded, open_table

SHEET = re.compile(rb'<sheet [^>]*name="Sheet"[^>]*/>')
KNOWN = frozenset({"nr", "namn", "ort"})


def opened(path: Path) -> Table:
    return open_table(path, is_header=lambda name: folded(name) in KNOWN)


def cells_of(path: Path) -> list[tuple[str, ...] | None]:
    return [line.cells for line in opened(path).lines()]


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def xlsx_file(path: Path, fill: Callable[[Worksheet], None]) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    fill(sheet)
    workbook.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_swedish_letters_survive_every_encoding(csv_file: Callable[[str | bytes], Path], encoding: str) -> None:
    assert cells_of(csv_file("Nr;Namn\n1;Åkeri på Öland\n".encode(encoding))) == [
        ("Nr", "Namn"),
        ("1", "Åkeri på Öland"),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_the_one_that_makes_sense_of_the_header(
    csv_file: Callable[[str | bytes], Path], delimiter: str, line_end: str
) -> None:
    text = line_end.join([delimiter.join(["Nr", "Namn", "Ort"]), delimiter.join(["1", '"Berg, Ek; Co"', "Lund"])])
    assert cells_of(csv_file(text)) == [("Nr", "Namn", "Ort"), ("1", "Berg, Ek; Co", "Lund")]


def test_a_spreadsheets_delimiter_hint_is_no_header(csv_file: Callable[[str | bytes], Path]) -> None:
    lines = list(opened(csv_file("sep=,\nNr,Namn\n1,Berg\n")).lines())
    assert [line.is_blank for line in lines] == [True, False, False]
    assert lines[1].cells == ("Nr", "Namn")


def test_lines_are_numbered_as_an_editor_numbers_them(csv_file: Callable[[str | bytes], Path]) -> None:
    table = opened(csv_file('Nr;Namn\n\n1;"Berg\nEk"\n2;Ek\n'))
    assert [(line.number, line.is_blank) for line in table.lines()] == [(1, False), (2, True), (3, False), (5, False)]
    assert table.last_line == 5


def test_a_broken_quotation_is_told_and_the_lines_after_it_are_read(csv_file: Callable[[str | bytes], Path]) -> None:
    assert cells_of(csv_file('Nr;Namn\n1;"Berg" AB\n2;Ek\n')) == [("Nr", "Namn"), None, ("2", "Ek")]


def test_a_quotation_that_never_ends_is_told(csv_file: Callable[[str | bytes], Path]) -> None:
    lines = list(opened(csv_file('Nr;Namn\n1;"Berg\n2;Ek\n')).lines())
    assert [(line.number, line.cells) for line in lines] == [(1, ("Nr", "Namn")), (2, None)]
    assert not lines[1].is_blank


def test_a_table_is_read_again_from_the_start(csv_file: Callable[[str | bytes], Path]) -> None:
    table = opened(csv_file("Nr;Namn\n1;Berg\n"))
    assert list(table.lines()) == list(table.lines())


@pytest.mark.parametrize("content", [b"Nr;Namn\n1;\x00\n", b"\x81\x8d\x8f", b"\xff\xfeN", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_text_is_refused(csv_file: Callable[[str | bytes], Path], content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="neither"):
        opened(csv_file(content))


def test_an_old_excel_file_is_refused_with_advice(csv_file: Callable[[str | bytes], Path]) -> None:
    with pytest.raises(UnreadableFileError, match="save it as XLSX"):
        opened(csv_file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "nothing.csv")


def test_a_spreadsheets_cells_are_text_as_they_are_shown(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["Nr", "Namn", "Ort"])
        sheet.append([10012345, 5560160680.0, True])
        sheet.append([None, False, 1.5])
        sheet.append([date(2026, 11, 22), "Åkeri", "'=1+1"])
        sheet["A6"], sheet["B6"], sheet["C6"] = 731204, 101011234, 7
        sheet["A6"].number_format = "00000000"
        sheet["B6"].number_format = r"000000\-0000"
        sheet["C6"].number_format = "0.00"

    table = opened(xlsx_file(tmp_path / "table.xlsx", fill))
    assert table.last_line == 6
    assert [line.cells for line in table.lines()] == [
        ("Nr", "Namn", "Ort"),
        ("10012345", "5560160680", "true"),
        ("", "false", "1.5"),
        ("2026-11-22", "Åkeri", "'=1+1"),
        (),
        ("00731204", "0101011234", "7"),
    ]


def test_a_number_in_powers_of_ten_is_the_same_number(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "table.xlsx", lambda sheet: sheet.append(["Nr", 5560160680]))
    rewritten(path, lambda _name, part: part.replace(b"<v>5560160680</v>", b"<v>5.56016068E9</v>"))
    assert cells_of(path) == [("Nr", "5560160680")]


def test_a_formula_is_not_computed(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "table.xlsx", lambda sheet: sheet.append(["Nr", '=HYPERLINK("http://x.example","x")']))
    assert cells_of(path) == [("Nr", "")]


def test_the_first_sheet_is_read_whatever_the_file_is_called(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(["Nr"])
    workbook.create_sheet().append(["Namn"])
    workbook.active = 1
    workbook.save(tmp_path / "export.csv")
    assert cells_of(tmp_path / "export.csv") == [("Nr",)]


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(path) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return path


def test_a_wrong_extent_loses_no_cells(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["Nr", "Namn"])
        sheet.append(["1", "Ek"])

    path = rewritten(
        xlsx_file(tmp_path / "table.xlsx", fill),
        lambda _name, part: part.replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1"'),
    )
    assert cells_of(path) == [("Nr", "Namn"), ("1", "Ek")]


def test_a_missing_extent_leaves_the_last_line_open(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "table.xlsx", lambda sheet: sheet.append(["Nr", "Namn"]))
    rewritten(path, lambda _name, part: part.replace(b'<dimension ref="A1:B1" />', b""))
    assert opened(path).last_line == 0
    assert cells_of(path) == [("Nr", "Namn")]


@pytest.mark.parametrize(
    "damage",
    [
        lambda name, part: None if name == "xl/workbook.xml" else part,
        lambda name, part: part[: len(part) // 2] if name.startswith("xl/worksheets") else part,
        lambda name, part: None if name == "[Content_Types].xml" else part,
    ],
)
def test_a_damaged_spreadsheet_is_refused(tmp_path: Path, damage: Callable[[str, bytes], bytes | None]) -> None:
    path = rewritten(xlsx_file(tmp_path / "table.xlsx", lambda sheet: sheet.append(["Nr", "Namn"])), damage)
    with pytest.raises(UnreadableFileError, match="damaged"):
        cells_of(path)


@given(st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"Nr;Namn\n"]), st.binary(max_size=200))
def test_any_bytes_are_a_table_or_unreadable(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(start + rest)
    try:
        lines = list(opened(path).lines())
    except UnreadableFileError:
        return
    numbers = [line.number for line in lines]
    assert numbers == sorted(set(numbers))


def test_words_that_a_spreadsheet_stores_once_are_read_everywhere(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "table.xlsx", lambda sheet: sheet.append(["Nr", "Nr"]))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def share(name: str, part: bytes) -> bytes:
        if name == "[Content_Types].xml":
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
            return part.replace(b"</Types>", override.encode())
        return part.replace(b't="inlineStr"><is><t>Nr</t></is>', b't="s"><v>0</v>')

    rewritten(path, share)
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}"><si><t>Kundnr för Åkeri</t></si></sst>')
    assert cells_of(path) == [("Kundnr för Åkeri", "Kundnr för Åkeri")]


def test_a_workbook_of_charts_alone_has_no_lines(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(workbook.worksheets[0], min_col=1, min_row=1))
    workbook.create_chartsheet().add_chart(chart)
    workbook.save(tmp_path / "table.xlsx")
    path = rewritten(
        tmp_path / "table.xlsx", lambda name, part: SHEET.sub(b"", part) if name == "xl/workbook.xml" else part
    )
    assert opened(path).last_line == 0
    assert cells_of(path) == []


def test_a_workbooks_decorations_cause_no_warning(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "table.xlsx", lambda sheet: sheet.append(["Nr"]))
    extension = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    rewritten(path, lambda name, part: part.replace(b"</worksheet>", extension) if "sheet1" in name else part)
    with warnings.catch_warnings(action="error"):
        assert cells_of(path) == [("Nr",)]


@pytest.mark.parametrize("content", [b"Kundnr;Namn\n", b"\x00\x01\x02"])
def test_a_file_called_xlsx_that_is_none_is_refused_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.XLSX"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="this is not an XLSX workbook"):
        open_table(path, is_header=lambda _: True)
