"""Rows of a sheet: places, formulas, and text that XML cannot hold."""

import io

import pytest

from idp.adapters.customer_files.number_format import NumberFormat
from idp.adapters.customer_files.table import Line, Oddities, UnreadableFileError
from idp.adapters.customer_files.xlsx_sheet import read_rows, unescaped

ODDITIES = Oddities()


def lines(sheet: bytes, *strings: str) -> list[Line]:
    part = io.BytesIO(b"<worksheet><sheetData>" + sheet + b"</sheetData></worksheet>")
    formats = [NumberFormat.of("General"), NumberFormat.of("00000000")]
    return list(read_rows(part, strings=strings, formats=formats, oddities=ODDITIES, since_1904=False))


def cells(sheet: bytes, *strings: str) -> list[tuple[str, ...] | None]:
    return [line.cells for line in lines(sheet, *strings)]


def test_places_may_be_left_out() -> None:
    content = b"<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>"
    assert [(line.number, line.cells) for line in lines(content)] == [(1, ("1", "2")), (3, ("3",))]


def test_a_number_in_powers_of_ten_is_the_same_number() -> None:
    assert cells(b'<row r="1"><c r="A1"><v>5.56016068E9</v></c></row>') == [("5560160680",)]


def test_a_style_that_is_not_there_shows_a_number_plainly() -> None:
    assert cells(b'<row><c s="1"><v>12</v></c><c s="9"><v>12</v></c></row>') == [("00000012", "12")]


def test_a_formula_is_its_stored_result_and_nothing_is_computed() -> None:
    row = (
        b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>A1+1</f></c><c r="C1"><f>A1</f><v></v></c>'
        b'<c r="D1" t="str"><f>A9</f><v></v></c><c r="E1" t="e"><f>A9</f><v>#REF!</v></c></row>'
    )
    assert cells(row) == [("2", "=A1+1", "=A1", "", "#REF!")]


def test_rows_that_each_end_far_away_are_no_register() -> None:
    """A file of 300 kB would become a thousand million empty cells."""
    rows = b"".join(b'<row><c r="XFD%d"><v>1</v></c></row>' % number for number in range(1, 2001))
    with pytest.raises(UnreadableFileError, match="far larger"):
        lines(rows)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("1", "true"), ("true", "true"), ("TRUE", "true"), ("0", "false"), ("false", "false"), ("", ""), ("2", "2")],
)
def test_true_and_false_are_written_in_two_ways(written: str, shown: str) -> None:
    """XML Schema 2.2.2: a program that writes the word must not close a customer by it."""
    row = f'<row><c t="b"><v>{written}</v></c><c><v>1</v></c></row>'
    assert cells(row.encode()) == [(shown, "1")]


def test_a_raised_digit_is_no_digit_of_the_number_before_it() -> None:
    raised = b'<r><t>1001234</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r><r><t>5</t></r>'
    level = b'<r><rPr><vertAlign val="baseline"/></rPr><t>7</t></r>'
    row = b'<row><c t="inlineStr"><is>' + raised + level + b'</is></c><c t="inlineStr"><is><t>8</t></is></c></row>'
    assert cells(row) == [("1001234\u00b257", "8")]


def test_how_words_are_spoken_is_no_text() -> None:
    assert cells(b'<row><c t="inlineStr"><is><t>Bj</t><rPh><t>x</t></rPh><t>rk</t></is></c></row>') == [("Bjrk",)]


@pytest.mark.parametrize(
    "sheet",
    [
        b'<row r="2"/><row r="2"/>',
        b'<row r="1048577"/>',
        b'<row r="x"/>',
        b'<row><c r="1A1"><v>1</v></c></row>',
        b'<row><c r="ABCD1"><v>1</v></c></row>',
        b'<row><c t="s"><v>5</v></c></row>',
    ],
)
def test_a_sheet_that_contradicts_itself_is_damaged(sheet: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="damaged"):
        lines(sheet, "one")


def test_what_is_hidden_or_merged_is_counted_again_at_each_reading() -> None:
    for _ in range(2):
        lines(
            b'<row hidden="1"/><row hidden="true"/><row hidden="0"/></sheetData><mergeCells><mergeCell/></mergeCells><sheetData>'
        )
        assert (ODDITIES.hidden_rows, ODDITIES.merged_ranges) == (2, 1)


@pytest.mark.parametrize(("stored", "meant"), [("a_x0009_b", "a\tb"), ("_x005F_x0041_", "_x0041_"), ("_x00_", "_x00_")])
def test_characters_that_xml_cannot_hold_are_given_back(stored: str, meant: str) -> None:
    assert unescaped(stored) == meant
