"""Text with delimiters: line numbers, delimiters, quotation marks that close, and those that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.customer_files.csv_file import csv_table
from idp.adapters.customer_files.headers import folded
from idp.adapters.customer_files.table import Line, Table

KNOWN = frozenset({"nr", "namn", "ort"})


def table(text: str) -> Table:
    return csv_table(text, is_header=lambda name: folded(name) in KNOWN)


def lines(text: str) -> list[Line]:
    return list(table(text).lines())


def cells(text: str) -> list[tuple[str, ...] | None]:
    return [line.cells for line in lines(text)]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_the_one_that_makes_sense_of_the_header(delimiter: str, line_end: str) -> None:
    text = line_end.join([delimiter.join(["Nr", "Namn", "Ort"]), delimiter.join(["1", '"Berg, Ek; Co | AB"', "Lund"])])
    assert cells(text) == [("Nr", "Namn", "Ort"), ("1", "Berg, Ek; Co | AB", "Lund")]


def test_the_delimiter_is_found_below_titles() -> None:
    assert cells("Kunder, den 22 november\n\nNr;Namn;Ort\n1;Berg;Lund\n")[-1] == ("1", "Berg", "Lund")


def test_a_spreadsheets_delimiter_hint_is_no_header() -> None:
    found = lines("sep=,\nNr,Namn\n1,Berg\n")
    assert [line.is_blank for line in found] == [True, False, False]
    assert found[1].cells == ("Nr", "Namn")


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    text = 'Nr;Namn\n\n1;"Berg\nEk"\n2;Ek\n'
    assert [(line.number, line.is_blank) for line in lines(text)] == [(1, False), (2, True), (3, False), (5, False)]
    assert lines(text)[2].cells == ("1", "Berg\nEk")
    assert table(text).last_line == 5


def test_a_broken_quotation_is_told_and_the_lines_after_it_are_read() -> None:
    assert cells('Nr;Namn\n1;"Berg" AB\n2;Ek\n') == [("Nr", "Namn"), None, ("2", "Ek")]


def test_quotation_marks_inside_a_cell_are_text() -> None:
    assert cells('Nr;Namn\n1;Bageriet "Kringlan" AB\n2;12" rör\n') == [
        ("Nr", "Namn"),
        ("1", 'Bageriet "Kringlan" AB'),
        ("2", '12" rör'),
    ]


@pytest.mark.parametrize(
    "after",
    [
        ["2;Ek;Lund", "3;Al;Lund"],
        ['2;"Ek";Lund', "3;Al;Lund"],
        ['2;Ek";Lund', "3;Al;Lund"],
        ["2;Ek;Lund", '3;Al";Lund'],
        ["2;Ek;Lund"] * 50,
    ],
)
def test_a_quotation_that_is_not_closed_takes_its_own_line_only(after: list[str]) -> None:
    found = lines("\n".join(["Nr;Namn;Ort", '1;"Berg;Lund', *after]))
    assert [line.number for line in found] == list(range(1, len(after) + 3))
    assert [line.number for line in found if line.cells is None] == [2]
    assert found[1].text == '1;"Berg;Lund'
    assert not found[1].is_blank


def test_several_numbers_on_lines_of_their_own_in_the_first_cell_are_one_record() -> None:
    assert cells('Nr;Namn;Ort\n"1001\n1002";Berg;Lund\n')[1] == ("1001\n1002", "Berg", "Lund")


def test_a_long_cell_of_many_lines_is_no_cell() -> None:
    text = 'Nr;Namn\n1;"' + "x\n" * 100 + '"\n'
    assert lines(text)[1].cells is None


def test_a_table_is_read_again_from_the_start() -> None:
    read = table('Nr;Namn\n1;"Berg\n2;Ek\n')
    assert list(read.lines()) == list(read.lines())


@given(st.text(alphabet='a;,"\n\r\t1 '))
def test_every_line_of_any_text_comes_once(text: str) -> None:
    numbers = [line.number for line in lines(f"Nr;Namn\n{text}")]
    assert numbers == sorted(set(numbers))
    assert numbers[:1] == [1]
