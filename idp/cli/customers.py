"""`idp customers`: import the customer register from a file, after showing what is wrong with it and what would change."""

import csv
import getpass
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.opening import open_store, pass_provider
from idp.cli.problems import MISCONFIGURED, Problem

if TYPE_CHECKING:
    from idp.adapters.customer_files.register_file import Progress, RegisterFile
    from idp.assembly.provider import Provider
    from idp.assembly.store import Store
    from idp.core.customer_register.plan import Plan, RefusedLine

INCOMPLETE = 1
"""Exit code of an import, or a dry run of one, that left lines out."""
_MOST_LINES = 40

REASONS = {
    "missing": "{field} is empty",
    "malformed": "{field} is malformed",
    "unreadable": "a quotation mark does not close",
    "too_many_cells": "there are more cells than headers",
    "two_organisations": "the file gives the number to two organisations",
    "moved": "the number belongs to another organisation here (--allow-moved takes the file's word)",
}


@click.group("customers")
def command() -> None:
    """The customer register."""


class _Import(click.Command):
    """A command whose help ends with every header that a file may have."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write them; the reader of files is loaded for those who ask, not for every command."""
        from idp.adapters.customer_files.register_file import accepted_headers

        del ctx
        with formatter.section("Headers (capitals, spaces, dots and hyphens do not matter)"):
            formatter.write_dl(
                [
                    (names[0] + (" (needed)" if needed else ""), ", ".join(names[1:]))
                    for _, names, needed in accepted_headers()
                ]
            )


@command.command("import", cls=_Import)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Write nothing when any line is refused.")
@click.option("--yes", is_flag=True, help="Import the good lines without asking when others are refused.")
@click.option("--allow-moved", is_flag=True, help="Let a number move to another organisation than before.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every refused line to this CSV, with its reason: mend the lines there and import it.",
)
@pass_provider
def import_file(
    provider: "Provider",
    file: Path,
    *,
    dry_run: bool,
    all_or_nothing: bool,
    yes: bool,
    allow_moved: bool,
    report: Path | None,
) -> None:
    """Import FILE (CSV or XLSX); the same file again changes nothing.

    Needed columns: Kundnummer, Organisationsnummer, Företag. Known too: Ort, E-post, Telefon, Aktiv. Other headers
    that they may have are listed below. A cell may hold several customer numbers, separated by semicolon, comma,
    slash or bar.

    Exit code 0: all lines are in; 1: some lines were left out; 2: nothing was imported.
    """
    with open_store(provider) as store:
        register = _read(file, provider.settings.linking.customer_number_pattern)
        planned = _plan(store, register, allow_moved=allow_moved)
        _show(file, register, planned)
        if report is not None:
            _write_report(report, file, register, planned.refused)
        if dry_run:
            click.echo("Dry run: nothing was written.")
        elif not _is_wanted(planned, all_or_nothing=all_or_nothing, yes=yes):
            click.echo("Nothing was imported.", err=True)
            raise click.exceptions.Exit(MISCONFIGURED)
        else:
            _save(provider, planned)
    raise click.exceptions.Exit(INCOMPLETE if planned.refused else 0)


def _read(file: Path, number_pattern: str) -> "RegisterFile":
    from idp.adapters.customer_files.register_file import read_register

    register = read_register(file, number_pattern)
    for header in register.unknown_headers:
        click.echo(f"{file.name}: column {header} is not known and not imported", err=True)
    return register


def _plan(store: "Store", register: "RegisterFile", *, allow_moved: bool) -> "Plan":
    from idp.adapters.customer_files.register_file import plan

    known = store.customers.register()
    with _progress(register) as progress:
        return plan(register.rows(progress), known, allow_moved=allow_moved)


def _is_wanted(planned: "Plan", *, all_or_nothing: bool, yes: bool) -> bool:
    if not planned.refused or (yes and not all_or_nothing):
        return True
    if all_or_nothing:
        return False
    if not sys.stdin.isatty():
        click.echo("Lines were refused. Say --yes to import the others, or mend the file.", err=True)
        return False
    return click.confirm(f"Import the other {len(planned.to_save)} and leave the refused lines out?")


def _save(provider: "Provider", planned: "Plan") -> None:
    from idp.core.events import CustomersImported

    store, now = provider.store, provider.clock()
    with provider.database.unit_of_work():
        saved = store.customers.save(planned.to_save, now)
        if saved:
            counts = {"new": len(planned.new), "changed": len(planned.changed), "refused": len(planned.refused)}
            store.audit.record(CustomersImported(operator=getpass.getuser(), **counts), now)
    click.echo(f"Imported {saved} customer numbers.")


@contextmanager
def _progress(register: "RegisterFile") -> "Iterator[Progress]":
    """A bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task("Reading", total=register.table.last_line or None)
        yield lambda done, in_all: bars.update(task, completed=done, total=in_all)


def _show(file: Path, register: "RegisterFile", planned: "Plan") -> None:
    if not (planned.to_save or planned.unchanged or planned.refused):
        click.echo(f"{file.name}: warning: there is nothing below the headers", err=True)
    for line in planned.refused[:_MOST_LINES]:
        click.echo(f"{file.name}:{line.line}: refused: {_reason(register, line)}", err=True)
    if len(planned.refused) > _MOST_LINES:
        click.echo(f"… and {len(planned.refused) - _MOST_LINES} more refused lines (--report FILE has all)", err=True)
    from rich.console import Console
    from rich.table import Table

    table = Table("Customer numbers", "Count", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, count in (
        ("new", len(planned.new)),
        ("changed", len(planned.changed)),
        ("unchanged", len(planned.unchanged)),
        ("lines refused", len(planned.refused)),
        ("lines that repeat another", len(planned.repeated_lines)),
        ("active here but not in the file (left as they are)", len(planned.missing)),
    ):
        table.add_row(name, str(count))
    Console().print(table)


def _reason(register: "RegisterFile", line: "RefusedLine") -> str:
    words = REASONS[line.reason].format(field=register.header_of(line.field) if line.field else "a cell")
    numbers = ", ".join(str(number) for number in line.numbers)
    return f"{words} (customer number {numbers})" if numbers else words


def _write_report(path: Path, file: Path, register: "RegisterFile", refused: "tuple[RefusedLine, ...]") -> None:
    """Write the refused lines as they stand in the file; as personal as the file itself, so for the owner alone.

    With its byte order mark the common spreadsheet programs read it as UTF-8.
    """
    if path.exists() and path.samefile(file):
        raise _report_problem(path, "that is the file to import")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as report:
            if path.is_file():
                os.fchmod(descriptor, 0o600)  # one that was there before has its own mode
            report.write(_report(register, refused))
    except OSError as problem:
        raise _report_problem(path, problem.strerror or type(problem).__name__) from None


def _report(register: "RegisterFile", refused: "tuple[RefusedLine, ...]") -> str:
    from idp.adapters.customer_files.register_file import REASON_HEADER, is_reason

    earlier = {at for at, header in enumerate(register.headers) if is_reason(header)}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    # The reason comes first: a line with too many cells would push it out of its column.
    writer.writerow((REASON_HEADER, *(header for at, header in enumerate(register.headers) if at not in earlier)))
    for line in register.refused_cells(refused):
        cells = [cell for at, cell in enumerate(line.cells) if at not in earlier or len(line.cells) == 1]
        reasons = "; ".join(_reason(register, each) for each in line.refused)
        writer.writerow((reasons, *cells))
    return text.getvalue()


def _report_problem(path: Path, why: str) -> Problem:
    return Problem(f"The report {path} cannot be written: {why}. Nothing was imported.")
