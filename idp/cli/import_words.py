"""What an import says to the operator: why lines are refused, what was left out, and what a plan does to whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from idp.cli.masking import initials

if TYPE_CHECKING:
    from idp.core.customer_register.line import LeftOut, RefusedLine
    from idp.core.customer_register.plan import Plan
    from idp.core.customer_register.ports import RegisterFile
    from idp.core.people.customer import CustomerNumber
    from idp.core.people.person import Person

MOST_LINES = 40

REASONS = {
    "missing": "is empty",
    "malformed": "cannot be read",
    "too_long": "is too long",
    "unknown_word": "has a word that is not known; ja, nej, aktiv and inaktiv are",
    "several": "has more than one value",
    "error_value": "has an error of the spreadsheet instead of a value, such as #REF! or #N/A",
    "formula": "is a formula without its result; open the file in a spreadsheet program and save it there",
    "broken_letters": "has letters that were broken by a wrong encoding",
    "date": "was made into a date; make the column text, and type the number again",
    "fraction": "is not a whole number",
    "lost_digits": "is a power of ten that has lost its last digits; make the column text, and export again",
    "ambiguous": "can be understood in more than one way",
    "check_digit": "has a wrong check digit",
    "unclosed_quotation": "a quotation mark is not closed",
    "too_many_cells": "there are more cells than headers",
    "two_organisations": "the file gives the number to two organisations",
    "moved": "the number belongs to another organisation here; with --allow-moved it moves",
    "no_name": "has no name of the organisation, which is not stored yet",
}
"""By refusal. Those about a cell go on from its name."""
_ABOUT_LINES = frozenset({"unclosed_quotation", "too_many_cells", "two_organisations", "moved"})


def place(file: Path, register: "RegisterFile", line: int) -> str:
    """Where a line stands."""
    sheet = register.sheet
    return f"{file.name}:{line}" if sheet is None else f'{file.name}, sheet "{sheet}", row {line}'


def reason(register: "RegisterFile", line: "RefusedLine") -> str:
    """Why a line is refused: the cell, what is wrong with it, and what was understood."""
    words = REASONS[line.reason]
    if line.column is not None and line.reason not in _ABOUT_LINES:
        words = f"{register.cell_of(line.line, line.column)} ({register.header_of(line.column)}) {words}"
    if line.understood:
        words += f": {' or '.join(line.understood)}"
    numbers = ", ".join(str(number) for number in line.numbers)
    return f"{words} (customer number {numbers})" if numbers and line.reason != "ambiguous" else words


def refused(file: Path, register: "RegisterFile", lines: Sequence["RefusedLine"]) -> Iterator[str]:
    """A line for each, as far as anybody would read them."""
    for line in lines[:MOST_LINES]:
        yield f"{place(file, register, line.line)}: refused: {reason(register, line)}"
    if len(lines) > MOST_LINES:
        yield f"… and {len(lines) - MOST_LINES} more refused lines (--report FILE has all)"


def left_out(file: Path, register: "RegisterFile", cells: Iterable["LeftOut"]) -> Iterator[str]:
    """A line for each kind of cell that counts as absent."""
    by_kind: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        kind = register.header_of(cell.column), REASONS[cell.reason]
        by_kind.setdefault(kind, []).append(register.cell_of(cell.line, cell.column))
    for (header, words), names in by_kind.items():
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        yield f"{file.name}: left out: {header} {words}: {', '.join(names[:5])}{more}"


def counts(plan: "Plan") -> Iterator[tuple[str, int]]:
    """What the plan does, in figures."""
    yield "organisations: new", len(plan.new)
    yield "organisations: new, and closed already", sum(not change.after.is_active for change in plan.new)
    yield "organisations: changed", len(plan.changes) - len(plan.new)
    yield "organisations: unchanged", plan.unchanged
    yield "organisations: closed by this import", len(plan.closing)
    yield "organisations: opened again", len(plan.reopening)
    yield "customer numbers: moved to another organisation", len(plan.moved)
    yield "customer numbers: active here but not in the file", len(plan.missing)
    yield "customer numbers: read with the zeros that the file lost", len(plan.zeros_restored)
    yield "lines: refused", len(plan.refused)
    yield "lines: repeat another", len(plan.repeated_lines)
    yield "cells: left out", len(plan.left_out)


def moved(plan: "Plan", linked: "Mapping[CustomerNumber, Sequence[Person]]") -> Iterator[str]:
    """Each number that means another organisation afterwards, and who loses access by that."""
    for each in plan.moved:
        yield f"{each.number} moves: {each.before.facts.name} → {each.after.facts.name}"
        for person in linked.get(each.number, ()):
            yield f"    {person.id} ({initials(person.name)}) loses access to {each.before.facts.name}, and is told"


def missing(plan: "Plan", *, closes: bool) -> Iterator[str]:
    """Who left, as far as anybody would read it."""
    fate = "is closed" if closes else "stays as it is"
    for each in plan.missing[:MOST_LINES]:
        yield f"{each.number} ({each.customer.facts.name}) is not in the file and {fate}"
    if len(plan.missing) > MOST_LINES:
        yield f"… and {len(plan.missing) - MOST_LINES} more that are not in the file (--missing FILE has all)"
