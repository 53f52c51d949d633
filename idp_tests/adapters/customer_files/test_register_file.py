"""The customer register as a file: headers in two languages, refused lines with reasons, and a second import that is quiet."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from idp.adapters.customer_files.headers import UnknownHeader
from idp.adapters.customer_files.register_file import TableOfCustomers, read_register
from idp.adapters.customer_files.table import UnreadableFileError
from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.facts import Field, NumberState, RegisteredCustomer
from idp.core.customer_register.line import LeftOut, RefusedLine, RegisterLine
from idp.core.customer_register.plan import plan
from idp.core.people.customer import CustomerNumber

SANDBOX_REGISTER = Path(__file__).parents[3] / "idp_sandbox" / "customers.csv"
HEADER = "Kundnummer;Organisationsnummer;Företag;Ort;E-post;Telefon;Aktiv"
TODAY = date(2026, 11, 22)

Write = Callable[..., Path]


@pytest.fixture
def register(tmp_path: Path) -> Write:
    def write(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "register.csv"
        path.write_bytes("\n".join([header, *lines, ""]).encode(encoding))
        return path

    return write


def opened(path: Path, pattern: str = "[0-9]{4,10}", **how: str) -> TableOfCustomers:
    return read_register(path, pattern, today=TODAY, **how)


def lines_of(path: Path, **how: str) -> list[RegisterLine]:
    read = list(opened(path, **how).rows())
    assert all(isinstance(row, RegisterLine) for row in read), read
    return [row for row in read if isinstance(row, RegisterLine)]


def refusals(path: Path) -> list[RefusedLine]:
    return [row for row in opened(path).rows() if isinstance(row, RefusedLine)]


def unreadable(path: Path, **how: str) -> str:
    with pytest.raises(UnreadableFileError) as refusal:
        list(opened(path, **how).rows())
    return str(refusal.value)


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
    row = "10012345;556016-0680;Åkeri & Söner AB;Växjö;info@akeri.example;08-465 004 10;ja"
    (line,) = lines_of(register(row, header=header, encoding=encoding))
    assert [number.value for number in line.numbers] == ["10012345"]
    assert line.organisation_number.formatted == "556016-0680"
    assert (line.facts.name, line.facts.city) == ("Åkeri & Söner AB", "Växjö")
    assert (str(line.facts.email), str(line.facts.phone)) == ("info@akeri.example", "+46846500410")
    assert line.state is NumberState.ACTIVE


def test_a_column_of_closed_customers_is_one_of_active_ones_the_other_way_round(register: Write) -> None:
    path = register("1001;556016-0680;A AB;x", "1002;559904-1125;B AB;", header="Kundnr;Orgnr;Namn;Inaktiv")
    assert opened(path).columns.unknown == ()
    assert [line.state for line in lines_of(path)] == [NumberState.CLOSED, NumberState.ACTIVE]


def test_columns_may_stand_in_any_order_and_some_may_be_absent(register: Write) -> None:
    (line,) = lines_of(register("Bolaget AB,00731204,5560160680", header="namn,kundnr,orgnr"))
    assert (line.numbers[0].value, line.facts.name, line.facts.city) == ("00731204", "Bolaget AB", None)
    assert not line.empty


def test_columns_that_are_not_imported_are_named_with_what_may_have_been_meant(register: Write) -> None:
    path = register("1001;556016-0680;Bolaget AB;x;y", header="Kundnr;Orgnr;Namn;Telefonummer;Säljare")
    assert opened(path).columns.unknown == (
        UnknownHeader("Telefonummer", "Telefonnummer"),
        UnknownHeader("Säljare", None),
    )
    assert opened(path).unknown_headers == [
        '"Telefonummer" (did you mean "Telefonnummer"?)',
        '"Säljare"',
    ]


def test_a_file_without_a_needed_column_says_which_and_what_was_not_understood(register: Write) -> None:
    path = register("1001;556016-0680;Bolaget AB", header="Kundnummer;Organisatonsnummer;Namn")
    assert unreadable(path) == (
        'no column for Organisationsnummer; not understood: "Organisatonsnummer" (did you mean "Organisationsnummer"?)'
    )


def test_every_needed_column_is_missed_at_once(register: Write) -> None:
    assert unreadable(register(header="Namn;Ort")) == "no column for Kundnummer and Organisationsnummer"


def test_a_file_without_headers_is_refused_and_its_first_line_is_not_repeated(register: Write) -> None:
    why = unreadable(register(header="10012345;121212-1212;Tolvan Tolvansson;Lund"))
    assert "must hold the headers" in why
    assert "Tolvan" not in why


def test_two_columns_for_one_fact_are_refused(register: Write) -> None:
    assert (
        unreadable(register(header="Kundnr;Orgnr;Namn;Telefon;Tel")) == 'two columns for Telefon: "Telefon" and "Tel"'
    )


def test_a_file_whose_lines_are_quoted_as_a_whole_is_refused_as_such(register: Write) -> None:
    path = register('"1001,556016-0680,""Bolaget AB"""', header='"Kundnr,Orgnr,Namn"')
    assert "every line is in quotation marks as a whole" in unreadable(path)


@pytest.mark.parametrize("content", ["", "\n\n  \n", ";;;\n", "sep=;\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "register.csv"
    path.write_text(content)
    assert unreadable(path) == "the file is empty"


def test_a_header_with_an_open_quotation_is_refused(register: Write) -> None:
    assert "header in line 1" in unreadable(register(header='Kundnr;"Orgnr;Namn'))


def test_a_header_alone_is_an_empty_register(register: Write) -> None:
    assert lines_of(register()) == []


def test_titles_above_the_headers_and_headers_in_between_are_passed_over(register: Write) -> None:
    path = register(
        "", HEADER, "1001;556016-0680;Bolaget AB", HEADER, "1002;559904-1125;Ek AB", header="Kundregister 2026-11-22;;;"
    )
    assert [line.line for line in lines_of(path)] == [4, 6]


def test_empty_columns_and_blank_lines_are_passed_over(register: Write) -> None:
    path = register("1001;;556016-0680;Bolaget AB;", "", ";;;;", header="Kundnr;;Orgnr;Namn;")
    assert opened(path).columns.unknown == ()
    assert [line.line for line in lines_of(path)] == [2]


def test_each_bad_line_is_refused_with_its_number_and_reason_and_the_good_ones_are_read(register: Write) -> None:
    path = register(
        "1001;556016-0680;Bolaget AB;Lund;;;",
        "1002;556016-0681;Fel AB;Lund;;;",
        "12;556016-0680;Fel AB;Lund;;;",
        "1008;556016-0680;Fel; AB;Lund;info@fel.example;08-465 004 10;ja",
        '1009;556016-0680;"Fel" AB;Lund;;;',
        "1010",
        '1012;556016-0680;"Fel AB;Lund;;;',
        "1011;559904-1125;Ek AB",
    )
    assert [(line.line, line.reason, line.column) for line in refusals(path)] == [
        (3, Refusal.CHECK_DIGIT, Field.ORGANISATION_NUMBER),
        (4, Refusal.MALFORMED, Field.NUMBER),
        (5, Refusal.TOO_MANY_CELLS, None),
        (6, Refusal.UNCLOSED_QUOTATION, None),
        (7, Refusal.MISSING, Field.ORGANISATION_NUMBER),
        (8, Refusal.UNCLOSED_QUOTATION, None),
    ]
    made = plan(opened(path).rows(), [])
    assert [number.value for change in made.changes for number in change.after.numbers] == ["1001", "1011"]


def test_cells_that_are_not_understood_are_left_out_and_their_lines_count(register: Write) -> None:
    path = register(
        "1005;556016-0680;A AB;Lund;ring Kalle;;",
        "1006;559904-1125;B AB;Lund;;112;",
        "1007;559907-3383;C AB;Lund;;;kanske",
    )
    assert [line.left_out for line in lines_of(path)] == [
        (LeftOut(2, Field.EMAIL, Refusal.MALFORMED),),
        (LeftOut(3, Field.PHONE, Refusal.MALFORMED),),
        (LeftOut(4, Field.ACTIVE, Refusal.UNKNOWN_WORD),),
    ]


def test_a_refused_line_never_holds_the_persons_number(register: Write) -> None:
    (refused,) = refusals(register("1001;121212-1213;Tolvan Tolvansson;Lund;;;"))
    assert "1212" not in repr(refused)
    assert refused.numbers == (CustomerNumber("1001"),)


def test_the_configured_pattern_decides_what_a_customer_number_is(register: Write) -> None:
    path = register("PZ-1001;556016-0680;Bolaget AB;;;;")
    (line,) = opened(path, r"PZ[0-9]{4}").rows()
    assert isinstance(line, RegisterLine)
    assert line.numbers == (CustomerNumber("PZ1001"),)
    assert [line.column for line in refusals(path)] == [Field.NUMBER]


def test_a_short_line_of_text_says_nothing_of_the_cells_that_it_lacks(register: Write) -> None:
    (line,) = lines_of(register("1001;556016-0680;Bolaget AB;"))
    assert line.empty == {Field.CITY}


# --- workbooks


def workbook(path: Path, *rows: list[object], title: str = "Kunder") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)
    return book


ROW: list[object] = [10012345, 5560160680, "Bolaget AB", "Växjö", "info@bolaget.example", "08-465 004 10", True]


def test_a_spreadsheet_is_read_like_a_text_file(tmp_path: Path, register: Write) -> None:
    workbook(
        tmp_path / "register.xlsx",
        [*HEADER.split(";")],
        ROW,
        [],
        ["00731204", "559904-1125", "Ek AB", "Lund", "ek@ek.example", "08-465 004 11", False],
    )
    of_sheet = lines_of(tmp_path / "register.xlsx")
    of_text = lines_of(
        register(
            "10012345;556016-0680;Bolaget AB;Växjö;info@bolaget.example;08-465 004 10;ja",
            "",
            "00731204;559904-1125;Ek AB;Lund;ek@ek.example;08-465 004 11;nej",
        )
    )
    assert of_sheet == of_text


def test_a_remark_beside_a_row_of_a_sheet_refuses_nothing(tmp_path: Path) -> None:
    workbook(tmp_path / "register.xlsx", [*HEADER.split(";")], [*ROW, None, "ring innan"])
    assert len(lines_of(tmp_path / "register.xlsx")) == 1


def test_a_spreadsheet_without_lines_is_empty(tmp_path: Path) -> None:
    workbook(tmp_path / "register.xlsx")
    assert unreadable(tmp_path / "register.xlsx") == "the file is empty"


def test_the_visible_sheet_with_the_headers_is_read_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    book = workbook(path, ["Läs detta först"], title="Info")
    for title, state in (("Gamla", "hidden"), ("Kunder", "visible")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        sheet.append([*HEADER.split(";")])
        sheet.append(ROW)
    book.save(path)
    assert opened(path).table.sheet == "Kunder"
    assert opened(path, sheet="gamla").table.sheet == "Gamla"
    assert unreadable(path, sheet="Nya") == 'there is no sheet "Nya"; there are "Info", "Gamla" (hidden), "Kunder"'


def test_two_sheets_with_the_headers_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    book = workbook(path, [*HEADER.split(";")], ROW)
    book.create_sheet("Fler").append([*HEADER.split(";")])
    book.save(path)
    assert unreadable(path) == 'the sheets "Kunder" and "Fler" are registers; name one with --sheet'


def test_a_register_in_a_hidden_sheet_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    book = workbook(path, [*HEADER.split(";")], ROW)
    book.worksheets[0].sheet_state = "veryHidden"
    book.create_sheet("Tom")
    book.save(path)
    assert unreadable(path) == 'the sheet "Kunder" with the headers is hidden; name it with --sheet'
    assert len(lines_of(path, sheet="Kunder")) == 1


def test_hidden_rows_are_read_and_counted_and_so_are_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    book = workbook(path, [*HEADER.split(";")], ROW)
    book.worksheets[0].row_dimensions[2].hidden = True
    book.worksheets[0].merge_cells("C4:C5")
    book.save(path)
    read = opened(path)
    assert len(list(read.rows())) == 1
    assert read.remarks == [
        "1 rows are hidden in the sheet; they were read like the others",
        "the sheet has merged cells; each counts for its first row",
    ]


def test_a_column_that_is_not_there_has_no_cell(register: Write) -> None:
    read = opened(register())
    assert read.cell_of(7, Field.ORGANISATION_NUMBER) == "B7"
    assert read.cell_of(7, Field.CLOSED) == "line 7"


# --- progress, report, sandbox


def test_progress_grows_and_ends_at_the_last_line(register: Write) -> None:
    told: list[tuple[int, int]] = []
    path = register(*(f"{number};556016-0680;Bolaget AB;;;;" for number in range(1000, 1999)))
    assert sum(1 for _ in opened(path).rows(lambda done, in_all: told.append((done, in_all)))) == 999
    assert told == [(200, 1000), (400, 1000), (600, 1000), (800, 1000), (1000, 1000), (1000, 1000)]


def sandbox_customers() -> dict[str, RegisteredCustomer]:
    made = plan(opened(SANDBOX_REGISTER).rows(), [])
    return {change.after.organisation_number.digits: change.after for change in made.changes}


def test_the_register_of_the_sandbox_imports_whole_and_the_second_time_changes_nothing() -> None:
    register_file = opened(SANDBOX_REGISTER)
    assert register_file.columns.unknown == ()
    first = plan(register_file.rows(), [])
    assert (first.refused, first.repeated_lines, first.missing, first.left_out) == ((), (), (), ())
    second = plan(register_file.rows(), [change.after for change in first.changes])
    assert (second.changes, second.unchanged) == ((), len(first.changes))


def test_the_register_of_the_sandbox_holds_what_the_guides_promise() -> None:
    here = sandbox_customers()
    assert CustomerNumber("10012345") in here["5560160680"].numbers
    assert "1212121212" in here
    assert [customer.is_active for customer in here.values()].count(False) == 1
    assert sorted(len(customer.numbers) for customer in here.values())[-2:] == [1, 3]


def test_the_headers_of_a_file_are_repeated_as_they_are_written_there(register: Write) -> None:
    read = opened(register(header="Kundnr;Org.nr;Namn"))
    assert read.header_of(Field.ORGANISATION_NUMBER) == "Org.nr"
    assert read.header_of(Field.CITY) == "Ort"


def test_the_reasons_of_an_earlier_report_are_passed_over_in_silence(register: Write) -> None:
    path = register("B3 (Org.nr) is malformed;1001;556016-0680;Bolaget AB", header="Reason;Kundnr;Org.nr;Namn")
    assert opened(path).columns.unknown == ()
    assert [line.line for line in lines_of(path)] == [2]


def test_refused_lines_are_given_back_as_they_stand_in_the_file(register: Write) -> None:
    path = register(
        "1001;556016-0680;Bolaget AB;Lund;;;",
        "1002; 556016-0681 ;Fel AB",
        '1009;556016-0680;"Fel" AB;Lund;;;',
        "1003;556016-0680;Fel; AB;Lund;info@fel.example;08-465 004 10;ja",
    )
    read = opened(path)
    refused = plan(read.rows(), []).refused
    assert list(read.report(refused, lambda line: f"{line.line}: {line.reason}")) == [
        ("Reason", *HEADER.split(";")),
        ("3: check_digit", "1002", " 556016-0681 ", "Fel AB"),
        ("4: unclosed_quotation", '1009;556016-0680;"Fel" AB;Lund;;;'),
        ("5: too_many_cells", "1003", "556016-0680", "Fel", " AB", "Lund", "info@fel.example", "08-465 004 10", "ja"),
    ]


def test_an_open_quotation_swallows_no_customer_behind_it(register: Write) -> None:
    read = opened(register('1001;556016-0680;"Bolaget AB', "1002;559904-1125;Ek AB"))
    made = plan(read.rows(), [])
    assert list(read.report(made.refused, lambda _: "open"))[1:] == [("open", '1001;556016-0680;"Bolaget AB')]
    assert [number.value for change in made.changes for number in change.after.numbers] == ["1002"]


def test_a_file_of_nothing_but_refused_lines_comes_to_an_end(register: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.customer_files.register_file.MOST_REFUSED", 10)
    assert "this is no register" in unreadable(register(*["x"] * 11))
    assert len(refusals(register(*["x"] * 10))) == 10


def test_a_file_larger_than_any_register_is_not_read(register: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.adapters.customer_files.register_file.LARGEST_FILE", 100)
    assert "larger than" in unreadable(register("1001;556016-0680;" + "A" * 100))
