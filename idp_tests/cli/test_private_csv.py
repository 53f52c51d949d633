"""A file for one person's eyes, of which no program computes a cell."""

import csv
from pathlib import Path

from idp.cli.private_csv import write_private_csv
from idp.core.customer_register.cell import as_written

ROWS = [["Reason", "Telefon"], ["x; y", "+46 8 465 004 10"], ['a "b"', "=cmd|' /C calc'!A0"], ["", "\n=1"]]


def test_cells_are_given_back_and_none_is_computed(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    write_private_csv(path, ROWS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file, delimiter=";"))
    assert [[as_written(cell) for cell in row] for row in written] == ROWS
    assert not any(cell.startswith(("=", "+")) for row in written for cell in row)


def test_the_owner_alone_reads_it_also_where_a_file_was(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.touch(mode=0o666)
    write_private_csv(path, ROWS)
    assert path.stat().st_mode & 0o077 == 0
