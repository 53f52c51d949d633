"""A CSV file for one person's eyes, of which no office program computes a cell."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from idp.core.customer_register.cell import neutralised


def write_private_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write the rows so that `as_written` gives each cell back; readable for the owner alone. Raises OSError.

    With its byte order mark the common spreadsheet programs read it as UTF-8.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        if path.is_file():
            os.fchmod(descriptor, 0o600)  # one that was there before has its own mode
        csv.writer(file, delimiter=";").writerows([neutralised(cell) for cell in row] for row in rows)
