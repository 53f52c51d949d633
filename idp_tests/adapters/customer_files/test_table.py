"""Lines and cells of a table."""

import pytest

from idp.adapters.customer_files.table import Line, cell_name


@pytest.mark.parametrize(
    ("column", "line", "name"),
    [(0, 1, "A1"), (1, 7, "B7"), (25, 2, "Z2"), (26, 2, "AA2"), (701, 3, "ZZ3"), (16_383, 9, "XFD9")],
)
def test_cells_are_named_as_a_spreadsheet_names_them(column: int, line: int, name: str) -> None:
    assert cell_name(column, line) == name


@pytest.mark.parametrize(
    ("cells", "blank"), [((), True), (("", " ", "\u00a0"), True), (("", "x"), False), (None, False)]
)
def test_a_line_is_blank_when_no_cell_holds_anything(cells: tuple[str, ...] | None, blank: bool) -> None:
    assert Line(1, cells).is_blank is blank
