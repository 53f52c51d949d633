"""The plan of an import: what is new, changed, refused and missing, and that a second time changes nothing."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.customer_register.plan import Field, Plan, Refusal, RefusedLine, RegisterEntry, Row, plan, read_line
from idp.core.people.contact import Email, Phone
from idp.core.people.customer import CUSTOMER_NUMBER_PATTERN, CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber

ONE = "556016-0680"
TWO = "559904-1125"
LINE = {Field.NUMBER: "10012345", Field.ORGANISATION_NUMBER: ONE, Field.NAME: "Exempelbolaget AB"}


def entry(
    number: str, org: str = ONE, name: str = "Bolaget AB", city: str = "Lund", *, active: bool = True
) -> RegisterEntry:
    return RegisterEntry(
        number=CustomerNumber(number),
        organisation_number=OrganisationNumber.parse(org),
        name=name,
        city=city,
        active=active,
    )


def rows(*entries: RegisterEntry) -> list[Row | RefusedLine]:
    return [Row(line, entry) for line, entry in enumerate(entries, start=2)]


def stored(*entries: RegisterEntry) -> Mapping[CustomerNumber, RegisterEntry]:
    return {entry.number: entry for entry in entries}


def test_a_whole_line() -> None:
    cells = {
        **LINE,
        Field.CITY: " Stockholm ",
        Field.EMAIL: "Anna@example.se",
        Field.PHONE: "08-465 004 10",
        Field.ACTIVE: "Ja",
    }
    (row,) = read_line(2, cells, CUSTOMER_NUMBER_PATTERN)
    assert row == Row(
        2,
        RegisterEntry(
            number=CustomerNumber("10012345"),
            organisation_number=OrganisationNumber("5560160680"),
            name="Exempelbolaget AB",
            city="Stockholm",
            email=Email("Anna@example.se"),
            phone=Phone("+46846500410"),
        ),
    )


def test_what_need_not_be_there_may_be_absent() -> None:
    (row,) = read_line(2, LINE, CUSTOMER_NUMBER_PATTERN)
    assert isinstance(row, Row)
    assert (row.entry.city, row.entry.email, row.entry.phone, row.entry.active) == ("", None, None, True)


@pytest.mark.parametrize("separator", [";", ",", "/", "|", "\n", " ; "])
def test_several_numbers_in_one_cell_are_several_entries(separator: str) -> None:
    read = read_line(2, {**LINE, Field.NUMBER: separator.join(["1001", "2002", "1001", ""])}, CUSTOMER_NUMBER_PATTERN)
    assert [row.entry.number.value for row in read if isinstance(row, Row)] == ["1001", "2002"]


@pytest.mark.parametrize("field", [Field.NUMBER, Field.ORGANISATION_NUMBER, Field.NAME])
@pytest.mark.parametrize("cell", ["", "  "])
def test_what_must_be_there_is_missed(field: Field, cell: str) -> None:
    (refused,) = read_line(7, {**LINE, field: cell}, CUSTOMER_NUMBER_PATTERN)
    assert isinstance(refused, RefusedLine)
    assert (refused.line, refused.reason, refused.field) == (7, Refusal.MISSING, field)


def test_separators_without_a_number_are_no_number() -> None:
    (refused,) = read_line(7, {**LINE, Field.NUMBER: ";;"}, CUSTOMER_NUMBER_PATTERN)
    assert refused == RefusedLine(7, Refusal.MISSING, Field.NUMBER)


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        (Field.NUMBER, "12"),
        (Field.NUMBER, "10012345;x"),
        (Field.ORGANISATION_NUMBER, "556016-0681"),
        (Field.NAME, "<script>"),
        (Field.NAME, "A" * 201),
        (Field.CITY, "Lu\0nd"),
        (Field.EMAIL, "info"),
        (Field.PHONE, "växeln"),
        (Field.ACTIVE, "kanske"),
    ],
)
def test_a_malformed_cell_refuses_its_line_by_name(field: Field, cell: str) -> None:
    (refused,) = read_line(7, {**LINE, field: cell}, CUSTOMER_NUMBER_PATTERN)
    assert isinstance(refused, RefusedLine)
    assert (refused.line, refused.reason, refused.field) == (7, Refusal.MALFORMED, field)
    assert cell not in repr(refused)


@pytest.mark.parametrize(
    ("word", "active"), [("Aktiv", True), ("SANT", True), ("1", True), ("Nej", False), ("inaktiv", False)]
)
def test_active_is_said_in_many_words(word: str, active: bool) -> None:
    (row,) = read_line(2, {**LINE, Field.ACTIVE: word}, CUSTOMER_NUMBER_PATTERN)
    assert isinstance(row, Row)
    assert row.entry.active is active


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+Plus AB", "-Minus AB", "@Snabel AB"])
def test_a_cell_that_looks_like_a_formula_is_text(name: str) -> None:
    (row,) = read_line(2, {**LINE, Field.NAME: name}, CUSTOMER_NUMBER_PATTERN)
    assert isinstance(row, Row)
    assert row.entry.name == name


def test_entries_are_new_changed_or_unchanged() -> None:
    made = plan(
        rows(entry("1001"), entry("2002", TWO, name="Nya namnet AB")),
        stored(entry("2002", TWO, name="Gamla namnet AB")),
    )
    assert made.new == (entry("1001"),)
    assert made.changed == (entry("2002", TWO, name="Nya namnet AB"),)
    assert made.to_save == made.new + made.changed
    assert (made.unchanged, made.refused, made.missing, made.repeated_lines) == ((), (), (), ())


def test_a_number_with_two_organisations_is_refused_on_every_line() -> None:
    made = plan(rows(entry("1001"), entry("2002"), entry("1001", TWO), entry("1001")), {})
    assert [(line.line, line.reason) for line in made.refused] == [(n, Refusal.TWO_ORGANISATIONS) for n in (2, 4, 5)]
    assert made.new == (entry("2002"),)


def test_a_repeated_line_counts_once() -> None:
    made = plan(rows(entry("1001"), entry("1001", name="Annat namn AB")), {})
    assert (made.new, made.repeated_lines, made.refused) == ((entry("1001"),), (3,), ())


def test_a_number_that_belongs_to_another_organisation_here_is_refused() -> None:
    made = plan(rows(entry("1001", TWO)), stored(entry("1001", ONE)))
    assert made.refused == (RefusedLine(2, Refusal.MOVED, Field.NUMBER, (CustomerNumber("1001"),)),)
    assert (made.to_save, made.missing) == ((), ())


def test_a_number_moves_when_the_operator_says_so() -> None:
    made = plan(rows(entry("1001", TWO)), stored(entry("1001", ONE)), allow_moved=True)
    assert made.changed == (entry("1001", TWO),)
    assert made.refused == ()


def test_numbers_of_one_organisation_share_its_facts_and_stay_open_while_one_is() -> None:
    first = entry("1001", city="", active=False)
    second = RegisterEntry(
        number=CustomerNumber("2002"),
        organisation_number=OrganisationNumber.parse(ONE),
        name="Bolagets filial",
        city="Lund",
        email=Email("info@example.se"),
        phone=Phone("+46846500410"),
    )
    made = plan(rows(first, second), {})
    assert [entry.number.value for entry in made.new] == ["1001", "2002"]
    for planned in made.new:
        assert (planned.name, planned.city, planned.active) == ("Bolaget AB", "Lund", True)
        assert (planned.email, planned.phone) == (second.email, second.phone)


def test_active_numbers_that_the_file_does_not_mention_are_missing() -> None:
    refused = RefusedLine(3, Refusal.MALFORMED, Field.EMAIL, (CustomerNumber("2002"),))
    here = stored(entry("1001"), entry("2002"), entry("3003"), entry("4004", active=False))
    made = plan([Row(2, entry("1001")), refused], here)
    assert made.missing == (entry("3003"),)
    assert made.refused == (refused,)
    assert made.unchanged == (entry("1001"),)


def test_refused_lines_come_in_the_order_of_the_file() -> None:
    lines: list[Row | RefusedLine] = [*rows(entry("1001"), entry("1001", TWO)), RefusedLine(1, Refusal.UNREADABLE)]
    assert [line.line for line in plan(lines, {}).refused] == [1, 2, 3]


files = st.lists(
    st.builds(
        entry,
        st.sampled_from(["1001", "2002", "3003", "4004", "5005"]),
        st.sampled_from([ONE, TWO, "121212-1212"]),
        st.sampled_from(["Bolaget AB", "Firman AB"]),
        st.sampled_from(["", "Lund", "Umeå"]),
        active=st.booleans(),
    ),
    max_size=12,
)


@given(files, files)
def test_importing_a_file_again_changes_nothing(earlier: list[RegisterEntry], file: list[RegisterEntry]) -> None:
    here = dict(stored(*plan(rows(*earlier), {}).new))
    first = plan(rows(*file), here)
    here.update(stored(*first.to_save))
    again = plan(rows(*file), here)
    assert again.to_save == ()
    assert set(again.unchanged) == set(first.to_save) | set(first.unchanged)
    assert again.refused == first.refused
    assert again.missing == first.missing


@given(files, files)
def test_every_line_is_accounted_for_once(earlier: list[RegisterEntry], file: list[RegisterEntry]) -> None:
    made: Plan = plan(rows(*file), stored(*plan(rows(*earlier), {}).new))
    told = len(made.new) + len(made.changed) + len(made.unchanged) + len(made.refused) + len(made.repeated_lines)
    assert told == len(file)
