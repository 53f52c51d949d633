"""One import of the customer register: read, planned, shown, agreed to, and carried out as it was shown."""

import gc
import getpass
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from idp.cli import import_words as words
from idp.cli.private_csv import write_private_csv
from idp.cli.problems import Problem
from idp.cli.progress import bar

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.customer_register import CustomerRegister
    from idp.assembly.own_database import OwnDatabase
    from idp.core.customer_register.agreement import Limits, NeedsWord
    from idp.core.customer_register.plan import ImportOptions, Plan
    from idp.core.customer_register.ports import RegisterFile
    from idp.core.people.customer import CustomerNumber
    from idp.core.people.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the operator said with options."""

    dry_run: bool
    all_or_nothing: bool
    yes: bool
    close_at_most: int | None


class CustomerImport:
    """One import: the file, the database, and what the operator sees and says."""

    def __init__(
        self,
        customers: "CustomerRegister",
        database: "OwnDatabase",
        clock: "Callable[[], datetime]",
        file: Path,
        register: "RegisterFile",
        options: "ImportOptions",
    ) -> None:
        self._customers, self._import = customers, customers.import_register
        self._database, self._clock, self._file = database, clock, file
        self._register, self._options = register, options
        self._version = ""
        for header in register.unknown_headers:
            _say(f"{file.name}: column {header} is not known and not imported")

    def plan(self) -> "Plan":
        from idp.core.customer_register.plan import plan

        with bar("Reading") as progress, _without_looking_for_cycles():
            snapshot = self._import.register.read()
            self._version = snapshot.version
            return plan(self._register.rows(progress), snapshot.customers, self._options)

    def show(self, plan: "Plan") -> None:
        """Everything that the operator has to know before saying yes."""
        from rich.console import Console
        from rich.table import Table

        for remark in self._register.remarks:
            _say(f"{self._file.name}: {remark}")
        if not (plan.changes or plan.unchanged or plan.refused):
            _say(f"{self._file.name}: warning: there is nothing below the headers")
        for line in (
            *words.left_out(self._file, self._register, plan.left_out),
            *words.refused(self._file, self._register, plan.refused),
            *words.missing(plan, closes=self._options.close_missing),
            *words.moved(plan, self._people_linked_by([each.number for each in plan.moved])),
        ):
            _say(line)
        table = Table("What", "Count", box=None, pad_edge=False)
        table.columns[1].justify = "right"
        for name, count in words.counts(plan):
            table.add_row(name, str(count))
        Console().print(table)

    def write_lists(self, plan: "Plan", report: Path | None, missing: Path | None) -> None:
        """The refused lines as they stand in the file, and who left: as personal as the file itself."""
        if report is not None:
            reason_of = partial(words.reason, self._register)
            self._write(report, self._register.report(plan.refused, reason_of))
        if missing is not None:
            numbers = ((str(each.number), each.customer.facts.name or "") for each in plan.missing)
            self._write(missing, [("Kundnummer", "Företag"), *numbers])

    def carry_out(self, plan: "Plan", answers: Answers) -> bool:
        """Ask where something has to be agreed to, and do it; False when it is not agreed to."""
        from idp.core.customer_register.agreement import Blind, Harmless, NeedsWord, NotAll, TooManyClosed, judge

        limits = self._limits(answers)
        verdict = judge(plan, limits)
        match verdict:
            case Blind(lines):
                raise _blind(lines)
            case TooManyClosed(needed):
                raise _too_many_closed(plan, limits.close_at_most_percent, needed)
            case NotAll() | NeedsWord() | Harmless():
                pass
            case _:
                assert_never(verdict)
        if answers.dry_run:
            click.echo("Dry run: nothing was written.")
            return True
        match verdict:
            case NotAll():
                return False
            case NeedsWord() if not (answers.yes or _is_agreed_to(verdict)):
                return False
            case NeedsWord() | Harmless():
                self._save(plan)
                return True
            case _:
                assert_never(verdict)

    def _limits(self, answers: Answers) -> "Limits":
        from idp.core.customer_register.agreement import Limits

        said = answers.close_at_most
        return Limits(
            close_at_most_percent=self._customers.close_at_most_percent if said is None else said,
            close_missing=self._options.close_missing,
            all_or_nothing=answers.all_or_nothing,
        )

    def _save(self, plan: "Plan") -> None:
        from idp.core.customer_register.import_register import Imported

        now, operator = self._clock(), getpass.getuser()
        with self._database.unit_of_work(), bar("Writing") as progress:
            done = self._import(plan, self._version, now, operator=operator, progress=progress)
        if not isinstance(done, Imported):
            raise Problem("The register was changed meanwhile. Nothing was imported; look at the plan again.")
        ended = f"; {len(done.ended)} links ended" if done.ended else ""
        click.echo(f"Imported: {len(plan.changes)} organisations are new or changed{ended}.")

    def _people_linked_by(self, numbers: "Sequence[CustomerNumber]") -> "dict[CustomerNumber, list[Person]]":
        people, linked = self._customers.people, self._import.links.people_linked_by(numbers)
        return {number: [person for each in ids if (person := people.find(each))] for number, ids in linked.items()}

    def _write(self, path: Path, rows: Iterable[Sequence[str]]) -> None:
        try:
            if path.exists() and path.samefile(self._file):
                raise Problem(f"{path} is the file to import, and is not overwritten. Nothing was imported.")
            write_private_csv(path, rows)
        except OSError as problem:
            why = problem.strerror or type(problem).__name__
            raise Problem(f"{path} cannot be written: {why}. Nothing was imported.") from None


def _blind(refused_lines: "Sequence[int]") -> Problem:
    lines = ", ".join(map(str, refused_lines[:5])) + (" …" if len(refused_lines) > 5 else "")
    return Problem(
        f"--close-missing: nobody knows whom the refused lines {lines} are about, so their customers look missing. "
        "Mend these lines first. Nothing was imported."
    )


def _too_many_closed(plan: "Plan", allowed: int, needed: int) -> Problem:
    return Problem(
        f"{len(plan.closing)} of {plan.active_before} active customers would be closed, which is more than "
        f"{allowed} %. Nothing was imported. If that is right, say --close-at-most {needed}."
    )


def _is_agreed_to(effects: "NeedsWord") -> bool:
    """By the person at the terminal; where there is none, it takes --yes."""
    counted = [
        (effects.refused_lines, "lines were refused"),
        (effects.moved_numbers, "numbers move to another organisation"),
        (effects.closed_organisations, "customers are closed"),
    ]
    said = " and ".join(f"{count} {effect}" for count, effect in counted if count)
    if not sys.stdin.isatty():
        _say(f"{said[0].upper()}{said[1:]}. Say --yes to import it so, or mend the file.")
        return False
    return click.confirm(f"{said[0].upper()}{said[1:]}. Import it so?")


def _say(line: str) -> None:
    click.echo(line, err=True)


@contextmanager
def _without_looking_for_cycles() -> Iterator[None]:
    """Millions of values that hold no cycles are made here, and looking through them again and again takes a tenth more."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
