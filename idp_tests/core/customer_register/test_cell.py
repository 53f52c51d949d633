"""Cells: what programs write instead of a value, letters broken on the way, and reports that no program computes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.customer_register.cell import (
    Refusal,
    as_written,
    has_broken_letters,
    neutralised,
    says_nothing,
    trouble_in,
)


@pytest.mark.parametrize(
    "cell", ["", " ", "\u00a0", "-", "NaN", "None", "<NA>", "NULL", "n/a", "\\N", "Saknas", "(tom)"]
)
def test_programs_have_many_words_for_nothing(cell: str) -> None:
    assert says_nothing(cell)


@pytest.mark.parametrize("cell", ["0", "Nan Nilsson", "None AB", "- Bygg", "Saknas AB"])
def test_text_that_holds_such_a_word_says_something(cell: str) -> None:
    assert not says_nothing(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("#REF!", "#N/A", "#n/a", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "####", " #REF! "),
        *("#REFERENS!", "#VÄRDEFEL!", "#DIVISION/0!", "#NAMN?", "#OGILTIGT!", "#SAKNAS!", "Err:508"),
    ],
)
def test_a_failed_formula_is_no_text(cell: str) -> None:
    assert trouble_in(cell) is Refusal.ERROR_VALUE


@pytest.mark.parametrize("cell", ["=A1", "=HYPERLINK(1)", " =SUM(A1:A2)", '=""&A1'])
def test_a_formula_without_its_result_is_no_text(cell: str) -> None:
    assert trouble_in(cell) is Refusal.FORMULA


@pytest.mark.parametrize(
    "cell", ["#1 i Lund AB", "Firma #1", "A=B AB", "#12345", "+Plus AB", "-Minus AB", "@Snabel AB"]
)
def test_a_name_with_signs_is_text(cell: str) -> None:
    assert trouble_in(cell) is None


def misread(text: str, written_in: str, read_in: str) -> str:
    return text.encode(written_in).decode(read_in, "replace")


@pytest.mark.parametrize(
    "name", ["Björkbackens Måleri AB", "Västerås Bygg", "Göteborgs Åkeri", "Café Kringlan på hörnet"]
)
@pytest.mark.parametrize(
    ("written_in", "read_in"),
    [
        ("utf-8", "cp1252"),
        ("utf-8", "latin-1"),
        ("utf-8", "mac_roman"),
        ("cp437", "cp1252"),
        ("cp850", "latin-1"),
        ("cp1252", "utf-8"),
        ("cp1252", "cp437"),
        ("cp1252", "ascii"),
    ],
)
def test_letters_that_were_read_in_another_encoding_are_seen(name: str, written_in: str, read_in: str) -> None:
    assert has_broken_letters(misread(name, written_in, read_in))


@pytest.mark.parametrize("name", ["Bj|rkbackens M}leri AB", "Bj?rkbackens M?leri AB", "V{ster}s Bygg"])
def test_letters_of_an_old_character_set_and_lost_ones_are_seen(name: str) -> None:
    assert has_broken_letters(name)


@pytest.mark.parametrize(
    "name",
    [
        "Björkbackens Måleri AB",
        "Åkeri & Söner – Växjö",
        "Café d’Or",
        "L'Étoile",
        "Žižkov Bärgning",
        "H&M Hennes & Mauritz",
        "Łódź Transport",
        "Vad nu? AB",
        "A–Ö Bygg",
        "Björk\u0308 AB",
        "½ dl Catering",
        "Företag™",
        "Firma (publ)",
        "Straße 5",
        "Иван Иванов",
    ],
)
def test_names_as_people_write_them_are_whole(name: str) -> None:
    assert not has_broken_letters(name)


RUN = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
"""The last four are of full width, which some programs take for the first four."""


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+46 8 465 004 10",
        "-Minus",
        "@Snabel",
        "\t=1",
        "\r=1",
        " =1",
        "a;=1",
        "a,=cmd|' /C calc'!A0",
        "a\n=1",
        "\uff1d1+1",
        "a;\uff0b1",
        "\uff0d1",
        "\uff20a",
    ],
)
def test_no_program_computes_a_neutralised_cell(cell: str) -> None:
    safe = neutralised(cell)
    assert safe != cell
    for separator in ";,|\n":
        assert not any(part.lstrip(" ").startswith(tuple(RUN)) for part in safe.split(separator))


@pytest.mark.parametrize("cell", ["Bolaget AB", "556016-0680", "info@example.se", "Bygg-Åke", "'s Hertogenbosch", ""])
def test_a_harmless_cell_stays(cell: str) -> None:
    assert neutralised(cell) == cell == as_written(cell)


@given(st.text(alphabet="=+-@\t\r\n;,| 'aå1\uff1d\uff20"))
def test_a_neutralised_cell_is_read_as_the_cell_it_was(cell: str) -> None:
    assert as_written(neutralised(cell)) == as_written(cell)
