"""What an import says: cells by their names, reasons once for many, people masked."""

from dataclasses import replace
from pathlib import Path
from typing import cast

from idp.cli import import_words as words
from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Field
from idp.core.customer_register.line import LeftOut, RefusedLine
from idp.core.customer_register.plan import ImportOptions, plan
from idp.core.customer_register.ports import RegisterFile
from idp.core.people.customer import CustomerNumber
from idp_tests.builders import a_person
from idp_tests.core.customer_register.sayings import ACTIVE, CLOSED, TWO, said, stored

FILE = Path("register.xlsx")
NUMBER = CustomerNumber("1001")


class Kunder:
    """A sheet whose second column has the organisation numbers."""

    sheet: str | None = "Kunder"

    def header_of(self, column: Field) -> str:
        return column.value

    def cell_of(self, line: int, column: Field) -> str:
        return f"{'B' if column is Field.ORGANISATION_NUMBER else 'A'}{line}"


SHEET = cast("RegisterFile", Kunder())


def test_every_refusal_has_words() -> None:
    assert words.REASONS.keys() == set(Refusal)


def test_a_line_is_named_as_its_program_names_it() -> None:
    text = Kunder()
    text.sheet = None
    assert words.place(FILE, SHEET, 7) == 'register.xlsx, sheet "Kunder", row 7'
    assert words.place(Path("register.csv"), cast("RegisterFile", text), 7) == "register.csv:7"


def test_a_reason_names_the_cell_what_was_understood_and_the_customer() -> None:
    short = RefusedLine(3, Refusal.MALFORMED, Field.ORGANISATION_NUMBER, (NUMBER,), None, ("9 digits",))
    assert words.reason(SHEET, short) == "B3 (organisation_number) cannot be read: 9 digits (customer number 1001)"
    either = RefusedLine(3, Refusal.AMBIGUOUS, Field.NUMBER, (NUMBER,), None, ("10012345", "1001, 2345"))
    assert words.reason(SHEET, either).endswith("in more than one way: 10012345 or 1001, 2345")
    moved = RefusedLine(3, Refusal.MOVED, Field.NUMBER, (NUMBER,))
    assert words.reason(SHEET, moved).startswith("the number belongs to another organisation here")


def test_a_first_import_tells_how_many_nobody_will_get_in_by() -> None:
    """A column that was understood the wrong way round closes everybody, and no limit knows of customers that are new."""
    made = plan([said("1001", state=ACTIVE), said("1002", org=TWO, line=3, state=CLOSED)], [])
    figures = dict(words.counts(made))
    assert (figures["organisations: new"], figures["organisations: new, and closed already"]) == (2, 1)


def test_more_refused_lines_than_anybody_reads_are_counted() -> None:
    lines = [RefusedLine(at, Refusal.UNCLOSED_QUOTATION) for at in range(2, 50)]
    shown = list(words.refused(FILE, SHEET, lines))
    assert len(shown) == words.MOST_LINES + 1
    assert shown[-1] == "… and 8 more refused lines (--report FILE has all)"


def test_cells_left_out_for_one_reason_are_one_line() -> None:
    cells = [LeftOut(at, Field.EMAIL, Refusal.SEVERAL) for at in range(2, 10)]
    assert list(words.left_out(FILE, SHEET, cells)) == [
        "register.xlsx: left out: email has more than one value: A2, A3, A4, A5, A6 and 3 more"
    ]


def test_who_loses_access_by_a_moved_number_is_shown_masked() -> None:
    made = plan([said("1001", org=TWO)], [stored(n1001=ACTIVE)], ImportOptions(allow_moved=True))
    shown = list(words.moved(made, {NUMBER: [a_person(id="p1", name="Anna Maria Svensson")]}))
    assert shown == [
        "1001 moves: Bolaget AB → Bolaget AB",
        "    p1 (A. M. Svensson) loses access to Bolaget AB, and is told",
    ]


def test_who_left_is_named_and_what_becomes_of_them() -> None:
    made = plan([], [stored(n1001=ACTIVE)])
    assert list(words.missing(made, closes=False)) == ["1001 (Bolaget AB) is not in the file and stays as it is"]
    assert list(words.missing(made, closes=True)) == ["1001 (Bolaget AB) is not in the file and is closed"]
    numbers = {CustomerNumber(str(1000 + at)): ACTIVE for at in range(50)}
    many = plan([], [replace(stored(), numbers=numbers)])
    assert list(words.missing(many, closes=False))[-1].startswith("… and 10 more")
