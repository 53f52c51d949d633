"""One line of a register: numbers must be understood, anything else is left out and said when it is not."""

import re
from datetime import date

import pytest

from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Facts, Field, NumberState
from idp.core.customer_register.line import LeftOut, RefusedLine, RegisterLine, read_line
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN, CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber

TODAY = date(2026, 11, 22)
LINE = {Field.NUMBER: "10012345", Field.ORGANISATION_NUMBER: "556016-0680", Field.NAME: "Exempelbolaget AB"}


def read(**cells: str) -> RegisterLine | RefusedLine:
    stated = {**LINE, **{Field(name): cell for name, cell in cells.items()}}
    return read_line(7, stated, re.compile(CUSTOMER_NUMBER_PATTERN), today=TODAY)


def read_whole(**cells: str) -> RegisterLine:
    line = read(**cells)
    assert isinstance(line, RegisterLine), line
    return line


def test_a_whole_line() -> None:
    line = read(city=" Stockholm ", email="Anna@example.se", phone="08-465 004 10", active="Ja")
    assert line == RegisterLine(
        line=7,
        numbers=(CustomerNumber("10012345"),),
        organisation_number=OrganisationNumber("5560160680"),
        facts=Facts(
            name="Exempelbolaget AB", city="Stockholm", email=Email("Anna@example.se"), phone=Phone("+46846500410")
        ),
        state=NumberState.ACTIVE,
    )


def test_a_column_that_is_absent_says_nothing() -> None:
    line = read_whole()
    assert (line.facts.city, line.facts.email, line.facts.phone, line.state) == (None, None, None, None)
    assert line.empty == frozenset()


def test_an_empty_cell_is_told_apart_from_an_absent_column() -> None:
    line = read_whole(city="", email="nan", name=" ")
    assert line.empty == {Field.CITY, Field.EMAIL, Field.NAME}
    assert line.facts == Facts()
    assert line.left_out == ()


@pytest.mark.parametrize("column", [Field.NUMBER, Field.ORGANISATION_NUMBER])
@pytest.mark.parametrize("cell", ["", "  ", "NULL"])
def test_the_numbers_are_missed(column: Field, cell: str) -> None:
    refused = read(**{column.value: cell})
    assert isinstance(refused, RefusedLine)
    assert (refused.line, refused.reason, refused.column) == (7, Refusal.MISSING, column)


def test_a_refused_line_names_what_it_can() -> None:
    without_number = read(customer_number="12")
    without_organisation = read(organisation_number="556016-0681")
    assert isinstance(without_number, RefusedLine)
    assert isinstance(without_organisation, RefusedLine)
    assert without_number.organisation_number == OrganisationNumber("5560160680")
    assert without_organisation.numbers == (CustomerNumber("10012345"),)


def test_a_refused_line_never_holds_the_persons_number() -> None:
    refused = read(organisation_number="121212-1213")
    assert isinstance(refused, RefusedLine)
    assert "1212" not in repr(refused)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        (Field.NAME, "#REF!", Refusal.ERROR_VALUE),
        (Field.NAME, "#N/A", Refusal.ERROR_VALUE),
        (Field.NAME, "=HYPERLINK(1)", Refusal.FORMULA),
        (Field.NAME, "Bj”rkbackens M†leri", Refusal.BROKEN_LETTERS),
        (Field.NAME, "BjÃ¶rkbackens MÃ¥leri", Refusal.BROKEN_LETTERS),
        (Field.NAME, "<script>", Refusal.MALFORMED),
        (Field.NAME, "A" * 201, Refusal.TOO_LONG),
        (Field.CITY, "Lu\0nd", Refusal.MALFORMED),
        (Field.CITY, "#SAKNAS!", Refusal.ERROR_VALUE),
        (Field.EMAIL, "ring Kalle", Refusal.MALFORMED),
        (Field.EMAIL, "a@example.se; b@example.se", Refusal.SEVERAL),
        (Field.EMAIL, "#N/A", Refusal.ERROR_VALUE),
        (Field.PHONE, "växeln", Refusal.MALFORMED),
        (Field.PHONE, "112", Refusal.MALFORMED),
        (Field.PHONE, "08-465 004 10 / 070-174 06 05", Refusal.MALFORMED),
        (Field.PHONE, "4,67E+10", Refusal.MALFORMED),
        (Field.ACTIVE, "kanske", Refusal.UNKNOWN_WORD),
        (Field.ACTIVE, "#N/A", Refusal.ERROR_VALUE),
        (Field.CLOSED, "snart", Refusal.UNKNOWN_WORD),
    ],
)
def test_a_cell_that_is_not_understood_is_left_out_and_the_line_counts(
    column: Field, cell: str, reason: Refusal
) -> None:
    line = read_whole(**{column.value: cell})
    assert line.left_out == (LeftOut(7, column, reason),)
    assert line.numbers == (CustomerNumber("10012345"),)
    assert line.state is None
    assert column not in line.empty


@pytest.mark.parametrize("name", ["+Plus AB", "-Minus AB", "@Snabel AB"])
def test_a_name_that_begins_with_a_sign_is_text(name: str) -> None:
    assert read_whole(name=name).facts.name == name


@pytest.mark.parametrize(
    "cell", ["Anna <anna@example.se>", "mailto:anna@example.se", "anna@example.se;", " anna@example.se"]
)
def test_an_address_may_come_with_a_name_or_a_scheme(cell: str) -> None:
    assert read_whole(email=cell).facts.email == Email("anna@example.se")


@pytest.mark.parametrize(
    "cell",
    ["08-465 004 10", "+46 (0)8 465 004 10", "46 8 465 004 10", "846500410.0", "846500410", "08–465\u00a0004\u00a010"],
)
def test_a_telephone_number_is_read_as_programs_leave_it(cell: str) -> None:
    assert read_whole(phone=cell).facts.phone == Phone("+46846500410")


@pytest.mark.parametrize(
    ("column", "word", "state"),
    [
        (Field.ACTIVE, "Aktiv", NumberState.ACTIVE),
        (Field.ACTIVE, "SANT", NumberState.ACTIVE),
        (Field.ACTIVE, "1", NumberState.ACTIVE),
        (Field.ACTIVE, "1.0", NumberState.ACTIVE),
        (Field.ACTIVE, " Ja. ", NumberState.ACTIVE),
        (Field.ACTIVE, "", None),
        (Field.ACTIVE, "NULL", None),
        (Field.ACTIVE, "Nej", NumberState.CLOSED),
        (Field.ACTIVE, "Inaktiv", NumberState.CLOSED),
        (Field.ACTIVE, "ej aktiv", NumberState.CLOSED),
        (Field.ACTIVE, "Avslutad", NumberState.CLOSED),
        (Field.ACTIVE, "0,0", NumberState.CLOSED),
        (Field.CLOSED, "x", NumberState.CLOSED),
        (Field.CLOSED, "Ja", NumberState.CLOSED),
        (Field.CLOSED, "Inaktiv", NumberState.CLOSED),
        (Field.CLOSED, "2026-11-22", NumberState.CLOSED),
        (Field.CLOSED, "2020-01-31 00:00:00", NumberState.CLOSED),
        (Field.CLOSED, "nej", NumberState.ACTIVE),
        (Field.CLOSED, "", NumberState.ACTIVE),
        (Field.CLOSED, "aktiv", NumberState.ACTIVE),
        (Field.CLOSED, "2026-11-23", NumberState.ACTIVE),
        (Field.CLOSED, "1753-01-01", NumberState.ACTIVE),
        (Field.CLOSED, "1900-01-01 00:00:00", NumberState.ACTIVE),
        (Field.CLOSED, "0001-01-01T00:00:00", NumberState.ACTIVE),
        (Field.CLOSED, "1899-12-30", NumberState.ACTIVE),
        (Field.CLOSED, "1970-01-01", NumberState.ACTIVE),
        (Field.CLOSED, "9999-12-31", NumberState.ACTIVE),
        (Field.CLOSED, "00000000", NumberState.ACTIVE),
        (Field.CLOSED, "0000-00-00 00:00:00", NumberState.ACTIVE),
    ],
)
def test_active_and_closed_are_said_in_many_words(column: Field, word: str, state: NumberState | None) -> None:
    line = read_whole(**{column.value: word})
    assert (line.state, line.left_out) == (state, ())


def test_two_columns_must_say_one_thing() -> None:
    assert read_whole(active="ja", closed="nej").state is NumberState.ACTIVE
    assert read_whole(active="", closed="ja").state is NumberState.CLOSED
    contradiction = read_whole(active="ja", closed="ja")
    assert contradiction.state is None
    assert contradiction.left_out == (LeftOut(7, Field.CLOSED, Refusal.AMBIGUOUS),)
