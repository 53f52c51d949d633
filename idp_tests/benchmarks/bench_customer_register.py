"""How long an import of a large register takes, and how much memory: `python -m idp_tests.benchmarks.bench_customer_register`.

Four imports of LINES lines into a fresh database: new, the same again, with every contact changed, and the same as a
workbook. CPU seconds and megabytes are those of the command's own process.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import openpyxl

from idp.core.people.digits import passes_luhn
from idp_tests.cli.installation import SETTINGS, write_certificate

MOST_SECONDS, MOST_MEGABYTES = 25.0, 300.0
_HEADERS = ("Kundnummer", "Organisationsnummer", "Företag", "Ort", "E-post", "Telefon", "Aktiv")
_NAMES = ("Björkbackens Måleri AB", "Åkessons Bygg & Montage AB", "Söderströms Åkeri HB", "Café Kringlan på hörnet")


def main() -> None:
    """Print a line per import; exit code 1 when one took more than it may."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lines", type=int, default=100_000)
    lines = arguments.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        _install(directory)
        too_much = False
        for what, name, write in (
            ("new, from CSV", "register.csv", lambda path: _write_csv(path, _register(lines))),
            ("the same again", "register.csv", lambda _path: None),
            ("every contact changed", "register.csv", lambda path: _write_csv(path, _register(lines, "ny"))),
            ("the same as a workbook", "register.xlsx", lambda path: _write_xlsx(path, _register(lines, "ny"))),
        ):
            too_much |= _measure(what, directory, directory / name, write)
    sys.exit(too_much)


def _install(directory: Path) -> None:
    (directory / "clients").mkdir()
    (directory / "idp.toml").write_text(SETTINGS, encoding="utf-8")
    write_certificate(directory / "rp.pem")
    for words in (("keys", "init"), ("db", "upgrade")):
        subprocess.run(_command(directory, *words), check=True, capture_output=True)


def _command(directory: Path, *words: str) -> Sequence[str]:
    return [sys.executable, "-m", "idp", "--config", str(directory / "idp.toml"), *words]


def _measure(what: str, directory: Path, path: Path, write: Callable[[Path], None]) -> bool:
    write(path)
    process = subprocess.Popen(
        _command(directory, "customers", "import", "--yes", str(path)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    seconds, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    size = path.stat().st_size / 1_000_000
    print(f"{what:24} {size:6.1f} MB file  {seconds:6.1f} CPU s  {megabytes:6.0f} MB  exit {status >> 8} {said[:200]}")
    return seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES or status != 0


def _register(lines: int, contact: str = "info") -> Iterator[Sequence[str]]:
    chance = random.Random(1)
    numbers: dict[str, None] = {}
    while len(numbers) < lines:
        nine = f"{chance.choice('579')}{chance.randint(0, 9)}{chance.randint(2, 9)}{chance.randint(0, 999_999):06}"
        numbers[next(nine + last for last in "0123456789" if passes_luhn(nine + last))] = None
    for at, ten in enumerate(numbers):
        yield (
            f"{10_000_000 + at:08}",
            f"{ten[:6]}-{ten[6:]}",
            f"{_NAMES[at % len(_NAMES)]} {at}",
            "Växjö",
            f"{contact}{at}@bolag{at % 5000}.example",
            f"08-465 0{chance.randint(10, 99)} {chance.randint(10, 99)}",
            "ja" if at % 9 else "nej",
        )


def _write_csv(path: Path, rows: Iterator[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(";".join(row) + "\n" for row in (_HEADERS, *rows))


def _write_xlsx(path: Path, rows: Iterator[Sequence[str]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Kunder")
    sheet.append(_HEADERS)
    for row in rows:
        sheet.append(row)
    book.save(path)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
