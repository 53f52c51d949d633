"""The customer register as a file: headers in two languages, refused lines with reasons, and a second import that is quiet."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from idp.adapters.customer_files.register_file import (
    RefusedLine,
    RegisterEntry,
    Row,
    UnknownHeader,
    UnreadableFileError,
    accepted_headers,
    plan,
    read_register,
)
from idp.core.customer_register.plan import Field, Refusal
from idp.core.people.customer import CustomerNumber

SANDBOX_REGISTER = Path(__file__).parents[3] / "idp_sandbox" / "customers.csv"
HEADER = "Kundnummer;Organisationsnummer;Företag;Ort;E-post;Telefon;Aktiv"

Write = Callable[..., Path]


@pytest.fixture
def register(tmp_path: Path) -> Write:
    def write(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "register.csv"
        path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
        return path

    return write


def entries(path: Path) -> list[RegisterEntry]:
    read = list(read_register(path).rows())
    assert all(isinstance(row, Row) for row in read), read
    return [row.entry for row in read if isinstance(row, Row)]


def refusals(path: Path) -> list[RefusedLine]:
    return [row for row in read_register(path).rows() if isinstance(row, RefusedLine)]


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "KUNDNR;Org.nr;Namn;Postort;E-postadress;Tel;Status",
        "Kund-ID;Person-/orgnr;Kundnamn;Stad;Mejl;Telefonnummer;Active",
        "customer_number;organisation_number;name;city;email;phone;active",
        "Customer No.;Organization number;Company name;Town;E-mail address;Phone number;Active",
        " kundnummer ; ORG-NR ; företagsnamn ; ort ; e-post ; telefon ; aktiv ",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_headers_are_known_in_swedish_and_english(register: Write, header: str, encoding: str) -> None:
    line = "10012345;556016-0680;Åkeri & Söner AB;Växjö;info@akeri.example;08-465 004 10;ja"
    (entry,) = entries(register(line, header=header, encoding=encoding))
    assert entry.number.value == "10012345"
    assert entry.organisation_number.formatted == "556016-0680"
    assert (entry.name, entry.city) == ("Åkeri & Söner AB", "Växjö")
    assert (str(entry.email), str(entry.phone), entry.active) == ("info@akeri.example", "+46846500410", True)


def test_columns_may_stand_in_any_order_and_some_may_be_absent(register: Write) -> None:
    (entry,) = entries(register("Bolaget AB,00731204,5560160680", header="namn,kundnr,orgnr"))
    assert (entry.number.value, entry.name, entry.city, entry.email) == ("00731204", "Bolaget AB", "", None)


def test_columns_that_are_not_imported_are_named_with_what_may_have_been_meant(register: Write) -> None:
    path = register("1001;556016-0680;Bolaget AB;x;y", header="Kundnr;Orgnr;Namn;Telefonummer;Säljare")
    assert read_register(path).unknown_headers == (
        UnknownHeader("Telefonummer", "Telefonnummer"),
        UnknownHeader("Säljare", None),
    )
    assert [str(unknown) for unknown in read_register(path).unknown_headers] == [
        '"Telefonummer" (did you mean "Telefonnummer"?)',
        '"Säljare"',
    ]


def test_a_file_without_a_needed_column_says_which_and_what_was_not_understood(register: Write) -> None:
    path = register("1001;556016-0680;Bolaget AB", header="Kundnummer;Organisatonsnummer;Namn")
    with pytest.raises(UnreadableFileError) as refusal:
        read_register(path)
    assert str(refusal.value) == (
        'no column for Organisationsnummer; not understood: "Organisatonsnummer" (did you mean "Organisationsnummer"?)'
    )


def test_every_needed_column_is_missed_at_once(register: Write) -> None:
    with pytest.raises(UnreadableFileError, match=r"no column for Kundnummer and Organisationsnummer$"):
        read_register(register(header="Namn;Ort"))


def test_a_file_without_headers_is_refused_and_its_first_line_is_not_repeated(register: Write) -> None:
    with pytest.raises(UnreadableFileError, match="must hold the headers") as refusal:
        read_register(register(header="10012345;121212-1212;Tolvan Tolvansson;Lund"))
    assert "Tolvan" not in str(refusal.value)


def test_two_columns_for_one_fact_are_refused(register: Write) -> None:
    with pytest.raises(UnreadableFileError, match='two columns for Telefon: "Telefon" and "Tel"'):
        read_register(register(header="Kundnr;Orgnr;Namn;Telefon;Tel"))


@pytest.mark.parametrize("content", ["", "\n\n  \n", ";;;\n", "sep=;\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "register.csv"
    path.write_text(content)
    with pytest.raises(UnreadableFileError, match="empty"):
        read_register(path)


def test_a_header_with_an_open_quotation_is_refused(register: Write) -> None:
    with pytest.raises(UnreadableFileError, match="header in line 1"):
        read_register(register(header='Kundnr;"Orgnr;Namn'))


def test_a_header_alone_is_an_empty_register(register: Write) -> None:
    assert entries(register()) == []


def test_empty_columns_and_blank_lines_are_passed_over(register: Write) -> None:
    path = register("1001;;556016-0680;Bolaget AB;", "", ";;;;", header="Kundnr;;Orgnr;Namn;")
    assert read_register(path).unknown_headers == ()
    assert [entry.number.value for entry in entries(path)] == ["1001"]


def test_each_bad_line_is_refused_with_its_number_and_reason_and_the_good_ones_are_read(register: Write) -> None:
    path = register(
        "1001;556016-0680;Bolaget AB;Lund;;;",
        "1002;556016-0681;Fel AB;Lund;;;",
        "12;556016-0680;Fel AB;Lund;;;",
        "1004;556016-0680;;Lund;;;",
        "1005;556016-0680;Fel AB;Lund;info;;",
        "1006;556016-0680;Fel AB;Lund;;112;",
        "1007;556016-0680;Fel AB;Lund;;;kanske",
        "1008;556016-0680;Fel; AB;Lund;info@fel.example;08-465 004 10;ja",
        '1009;556016-0680;"Fel" AB;Lund;;;',
        "1010",
        "1011;559904-1125;Ek AB",
    )
    assert [(line.line, line.reason, line.field) for line in refusals(path)] == [
        (3, Refusal.MALFORMED, Field.ORGANISATION_NUMBER),
        (4, Refusal.MALFORMED, Field.NUMBER),
        (5, Refusal.MISSING, Field.NAME),
        (6, Refusal.MALFORMED, Field.EMAIL),
        (7, Refusal.MALFORMED, Field.PHONE),
        (8, Refusal.MALFORMED, Field.ACTIVE),
        (9, Refusal.TOO_MANY_CELLS, None),
        (10, Refusal.UNREADABLE, None),
        (11, Refusal.MISSING, Field.ORGANISATION_NUMBER),
    ]
    made = plan(read_register(path).rows(), {})
    assert [entry.number.value for entry in made.new] == ["1001", "1011"]


def test_a_refused_line_never_holds_the_persons_number(register: Write) -> None:
    (refused,) = refusals(register("1001;121212-1213;Tolvan Tolvansson;Lund;;;"))
    assert "1212" not in repr(refused)
    assert refused.numbers == (CustomerNumber("1001"),)


def test_cells_that_begin_like_formulas_are_text(register: Write) -> None:
    names = ["=cmd|' /C calc'!A0", "+46 Konsult AB", "-Minus AB", "@Snabel AB"]
    path = register(*(f"100{at};559904-1125;{name};;;;" for at, name in enumerate(names)))
    assert [entry.name for entry in entries(path)] == names


def test_the_configured_pattern_decides_what_a_customer_number_is(register: Write) -> None:
    path = register("PZ-1001;556016-0680;Bolaget AB;;;;")
    (row,) = read_register(path, r"PZ[0-9]{4}").rows()
    assert isinstance(row, Row)
    assert row.entry.number == CustomerNumber("PZ1001")
    assert [line.field for line in refusals(path)] == [Field.NUMBER]


def test_a_spreadsheet_is_read_like_a_text_file(tmp_path: Path, register: Write) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(HEADER.split(";"))
    sheet.append([10012345, 5560160680, "Bolaget AB", "Växjö", "info@bolaget.example", "08-465 004 10", True])
    sheet.append([])
    sheet.append(["00731204", "559904-1125", "Ek AB", None, None, None, False])
    workbook.save(tmp_path / "register.xlsx")
    assert entries(tmp_path / "register.xlsx") == entries(
        register(
            "10012345;556016-0680;Bolaget AB;Växjö;info@bolaget.example;08-465 004 10;ja",
            "00731204;559904-1125;Ek AB;;;;nej",
        )
    )


def test_a_spreadsheet_without_lines_is_empty(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "register.xlsx")
    with pytest.raises(UnreadableFileError, match="empty"):
        read_register(tmp_path / "register.xlsx")


def test_progress_grows_and_ends_at_the_last_line(register: Write) -> None:
    told: list[tuple[int, int]] = []
    path = register(*(f"{number};556016-0680;Bolaget AB;;;;" for number in range(1000, 1999)))
    assert sum(1 for _ in read_register(path).rows(lambda done, in_all: told.append((done, in_all)))) == 999
    assert told == [(200, 1000), (400, 1000), (600, 1000), (800, 1000), (1000, 1000), (1000, 1000)]


def test_the_register_of_the_sandbox_imports_whole_and_the_second_time_changes_nothing() -> None:
    register_file = read_register(SANDBOX_REGISTER)
    assert register_file.unknown_headers == ()
    first = plan(register_file.rows(), {})
    assert (first.refused, first.repeated_lines, first.missing) == ((), (), ())
    here = {entry.number: entry for entry in first.new}
    second = plan(register_file.rows(), here)
    assert second.to_save == ()
    assert second.unchanged == first.new


def test_the_register_of_the_sandbox_holds_what_the_guides_promise() -> None:
    here = {entry.number.value: entry for entry in plan(read_register(SANDBOX_REGISTER).rows(), {}).new}
    assert here["10012345"].organisation_number.formatted == "556016-0680"
    assert "1212121212" in {entry.organisation_number.digits for entry in here.values()}
    assert [entry.active for entry in here.values()].count(False) == 1
    numbers_of: dict[str, int] = {}
    for entry in here.values():
        numbers_of[entry.organisation_number.digits] = numbers_of.get(entry.organisation_number.digits, 0) + 1
    assert sorted(numbers_of.values())[-2:] == [1, 3]


def test_the_headers_of_a_file_are_repeated_as_they_are_written_there(register: Write) -> None:
    read = read_register(register(header="Kundnr;Org.nr;Namn"))
    assert read.header_of(Field.ORGANISATION_NUMBER) == "Org.nr"
    assert read.header_of(Field.CITY) == "Ort"


def test_every_fact_has_its_headers_as_people_write_them() -> None:
    accepted = {field: (names, needed) for field, names, needed in accepted_headers()}
    assert accepted.keys() == set(Field)
    assert {"Kundnummer", "Kundnr"} <= set(accepted[Field.NUMBER][0])
    assert {"Organisationsnummer", "Org.nr"} <= set(accepted[Field.ORGANISATION_NUMBER][0])
    assert {"Företag", "Namn"} <= set(accepted[Field.NAME][0])
    assert [field for field, (_, needed) in accepted.items() if needed] == [
        Field.NUMBER,
        Field.ORGANISATION_NUMBER,
        Field.NAME,
    ]


def test_the_reasons_of_an_earlier_report_are_passed_over_in_silence(register: Write) -> None:
    path = register("Org.nr is malformed;1001;556016-0680;Bolaget AB", header="Reason;Kundnr;Org.nr;Namn")
    assert read_register(path).unknown_headers == ()
    assert [entry.number.value for entry in entries(path)] == ["1001"]


def test_refused_lines_are_given_back_as_they_stand_in_the_file(register: Write) -> None:
    path = register(
        "1001;556016-0680;Bolaget AB;Lund;;;",
        "1002; 556016-0681 ;Fel AB",
        '1009;556016-0680;"Fel" AB;Lund;;;',
        "1003;556016-0680;Fel; AB;Lund;info@fel.example;08-465 004 10;ja",
    )
    read = read_register(path)
    assert [(line.refused[0].line, line.cells) for line in read.refused_cells(plan(read.rows(), {}).refused)] == [
        (3, ("1002", " 556016-0681 ", "Fel AB")),
        (4, ('1009;556016-0680;"Fel" AB;Lund;;;',)),
        (5, ("1003", "556016-0680", "Fel", " AB", "Lund", "info@fel.example", "08-465 004 10", "ja")),
    ]


def test_lines_behind_an_open_quotation_are_given_back_with_it(register: Write) -> None:
    read = read_register(register('1001;556016-0680;"Bolaget AB', "1002;559904-1125;Ek AB"))
    (line,) = read.refused_cells(plan(read.rows(), {}).refused)
    assert line.cells == ('1001;556016-0680;"Bolaget AB\n1002;559904-1125;Ek AB',)
