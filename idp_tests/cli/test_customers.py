"""`idp customers import`: the operator sees what is wrong and what would change before anything is written."""

import csv
import re
from pathlib import Path

import openpyxl
import pytest

from idp.core.customer_register.agreement import Harmless
from idp.core.people.digits import passes_luhn
from idp_tests.cli.installation import Installation
from idp_tests.cli.seeds import add_anna
from idp_tests.provider import Provider
from idp_tests.scripted_bankid import ANNA, BO

HEAD = "Kundnummer;Organisationsnummer;Företag;Ort\n"
GOOD = "10012345;556016-0680;Exempelbolaget AB;Malmö\n"
BAD = "1;556016-0680;X;Y\n10012399;556016-0681;Fel AB;Lund\n"
MOVED = GOOD.replace("556016-0680", "556074-7569").replace("Exempelbolaget", "Andra bolaget")


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def read_report(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def counts(output: str) -> dict[str, int]:
    """The figures of the summary that are not 0."""
    lines = (line.rsplit(maxsplit=1) for line in output.splitlines())
    found = {pair[0].strip(): int(pair[1]) for pair in lines if len(pair) == 2 and pair[1].isdigit()}
    return {name: count for name, count in found.items() if count}


def test_a_good_file_is_imported_without_a_question(installed: Installation, register: Path) -> None:
    output = installed.done("customers", "import", str(write(register, GOOD)))
    assert counts(output) == {"organisations: new": 1}
    assert "Imported: 1 organisations are new or changed." in output


def test_the_same_file_again_changes_nothing(installed: Installation, register: Path) -> None:
    installed.done("customers", "import", str(write(register, GOOD)))
    output = installed.done("customers", "import", str(register))
    assert counts(output) == {"organisations: unchanged": 1}
    assert "Imported: 0 organisations" in output


def test_a_dry_run_shows_and_writes_nothing(installed: Installation, register: Path) -> None:
    output = installed.done("customers", "import", "--dry-run", str(write(register, GOOD)))
    assert "Dry run: nothing was written." in output
    assert counts(installed.done("customers", "import", str(register))) == {"organisations: new": 1}


def test_refused_lines_are_shown_with_cell_and_reason_and_nothing_is_written(
    installed: Installation, register: Path
) -> None:
    result = installed.run("customers", "import", str(write(register, GOOD, BAD)))
    assert result.exit_code == 2
    assert "customers.csv:3: refused: A3 (Kundnummer) cannot be read" in result.stderr
    assert (
        "customers.csv:4: refused: B4 (Organisationsnummer) has a wrong check digit (customer number 10012399)"
        in result.stderr
    )
    assert "2 lines were refused. Say --yes" in result.stderr
    assert "556016" not in result.output
    assert counts(installed.done("customers", "import", str(write(register, GOOD)))) == {"organisations: new": 1}


def test_a_refused_line_of_a_workbook_names_its_sheet_and_what_was_understood(
    installed: Installation, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Kunder 2026"
    for row in (
        ["Kundnummer", "Org.nr", "Företag"],
        ["1001 2345", "556016-0680", "A AB"],
        ["1002", "55601606", "B AB"],
    ):
        sheet.append(row)
    book.save(tmp_path / "customers.xlsx")
    said = installed.run("customers", "import", str(tmp_path / "customers.xlsx")).stderr
    assert (
        'customers.xlsx, sheet "Kunder 2026", row 2: refused: A2 (Kundnummer) can be understood in more than one way: '
        "10012345 or 1001, 2345" in said
    )
    assert "row 3: refused: B3 (Org.nr) cannot be read: 8 digits (customer number 1002)" in said


def test_after_yes_the_good_lines_are_imported(installed: Installation, register: Path) -> None:
    result = installed.run("customers", "import", "--yes", str(write(register, GOOD, BAD)))
    assert result.exit_code == 1
    assert "Imported: 1 organisations" in result.stdout


def test_all_or_nothing_is_nothing_when_a_line_is_refused(installed: Installation, register: Path) -> None:
    result = installed.run("customers", "import", "--all-or-nothing", "--yes", str(write(register, GOOD, BAD)))
    assert result.exit_code == 2
    assert "Nothing was imported." in result.stderr


def test_cells_that_are_left_out_are_told_together_and_refuse_nothing(installed: Installation, register: Path) -> None:
    lines = [f"{number};556016-0680;A AB;ring Kalle\n" for number in range(5000, 5008)]
    register.write_text(HEAD.replace("Ort", "E-post") + "".join(lines), encoding="utf-8")
    result = installed.run("customers", "import", str(register))
    assert result.exit_code == 0
    assert "customers.csv: left out: E-post cannot be read: D2, D3, D4, D5, D6 and 3 more\n" in result.stderr
    assert "Kalle" not in result.output


# --- what is stored


@pytest.fixture
def two_numbers(installed: Installation, register: Path) -> Installation:
    register.write_text(
        HEAD.replace("\n", ";Telefon\n")
        + "20001;556036-0793;Testbolaget AB;Lund;08-465 004 10\n20002;556036-0793;Testbolaget AB;;\n",
        encoding="utf-8",
    )
    installed.done("customers", "import", str(register))
    return installed


def test_a_line_about_one_number_closes_that_number_and_erases_nothing(
    two_numbers: Installation, register: Path
) -> None:
    register.write_text("Kundnr;Orgnr;Namn;Aktiv\n20002;556036-0793;Testbolaget AB;nej\n", encoding="utf-8")
    output = two_numbers.run("customers", "import", str(register))
    assert "20001 (Testbolaget AB) is not in the file and stays as it is" in output.stderr
    assert counts(output.stdout) == {
        "organisations: changed": 1,
        "customer numbers: active here but not in the file": 1,
    }
    register.write_text(
        HEAD.replace("\n", ";Telefon;Aktiv\n")
        + "20001;556036-0793;Testbolaget AB;Lund;08-465 004 10;ja\n20002;556036-0793;Testbolaget AB;;;nej\n",
        encoding="utf-8",
    )
    assert counts(two_numbers.done("customers", "import", str(register))) == {"organisations: unchanged": 1}


def test_an_empty_cell_erases_when_the_operator_says_so(two_numbers: Installation, register: Path) -> None:
    register.write_text("Kundnr;Orgnr;Namn;Telefon\n20001;556036-0793;Testbolaget AB;\n", encoding="utf-8")
    assert "organisations: changed" not in counts(two_numbers.done("customers", "import", str(register)))
    assert (
        counts(two_numbers.done("customers", "import", "--empty-erases", str(register)))["organisations: changed"] == 1
    )


def many(count: int) -> list[str]:
    organisations = (digits for digits in range(5560000000, 5570000000) if passes_luhn(str(digits)))
    return [f"{30000 + at};{next(organisations)};Bolag {at} AB;Lund\n" for at in range(count)]


def test_who_left_is_listed_and_closed_when_the_operator_says_so(
    installed: Installation, register: Path, tmp_path: Path
) -> None:
    everybody, left = many(60), tmp_path / "left.csv"
    installed.done("customers", "import", str(write(register, *everybody)))
    write(register, *everybody[5:])
    said = installed.run("customers", "import", "--missing", str(left), str(register))
    assert said.stderr.count("is not in the file and stays as it is") == 5
    assert [row[0] for row in read_report(left)] == ["Kundnummer", "30000", "30001", "30002", "30003", "30004"]
    refused = installed.run("customers", "import", "--close-missing", str(register))
    assert (refused.exit_code, "5 customers are closed. Say --yes" in refused.stderr) == (2, True)
    closed = installed.done("customers", "import", "--close-missing", "--yes", str(register))
    assert counts(closed)["organisations: closed by this import"] == 5
    opened = installed.done("customers", "import", str(write(register, *everybody)))
    assert counts(opened)["organisations: opened again"] == 5


def test_no_import_closes_more_than_the_operator_set(installed: Installation, register: Path) -> None:
    everybody = many(20)
    installed.done("customers", "import", str(write(register, *everybody)))
    write(register, *everybody[3:])
    refused = installed.run("customers", "import", "--close-missing", "--yes", str(register))
    assert refused.exit_code == 2
    assert "3 of 20 active customers would be closed, which is more than 10 %. Nothing was imported." in refused.stderr
    assert "say --close-at-most 15" in refused.stderr
    installed.done("customers", "import", "--close-missing", "--yes", "--close-at-most", "15", str(register))


def test_one_customer_of_a_small_register_may_always_be_closed(installed: Installation, register: Path) -> None:
    installed.done("customers", "import", str(write(register, *many(2))))
    installed.done("customers", "import", "--close-missing", "--yes", str(write(register, *many(1))))


def test_nobody_is_closed_while_a_line_names_nobody(installed: Installation, register: Path) -> None:
    installed.done("customers", "import", str(write(register, *many(2))))
    write(register, many(2)[0], "1,00123E+07;556;Bolaget AB;Lund\n")
    refused = installed.run("customers", "import", "--close-missing", "--yes", str(register))
    assert refused.exit_code == 2
    assert "the refused lines 3 are about" in refused.stderr


def test_zeros_that_a_program_took_away_are_told(installed: Installation, register: Path) -> None:
    installed.done("customers", "import", str(write(register, "00731204;556016-0680;A AB;Lund\n")))
    output = installed.done("customers", "import", str(write(register, "731204.0;556016-0680;A AB;Lund\n")))
    assert counts(output) == {
        "organisations: unchanged": 1,
        "customer numbers: read with the zeros that the file lost": 1,
    }


def test_an_import_that_another_one_overtook_writes_nothing(
    installed: Installation, register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(HEAD + MOVED, encoding="utf-8")

    def meanwhile(*_: object) -> Harmless:
        monkeypatch.undo()
        installed.done("customers", "import", str(other))
        return Harmless()

    monkeypatch.setattr("idp.core.customer_register.agreement.judge", meanwhile)
    result = installed.run("customers", "import", str(write(register, GOOD)))
    assert result.exit_code == 2
    assert "The register was changed meanwhile. Nothing was imported" in result.stderr


# --- numbers that move


def test_a_number_that_moves_to_another_organisation_needs_the_operators_word(
    installed: Installation, register: Path
) -> None:
    installed.done("customers", "import", str(write(register, GOOD)))
    refused = installed.run("customers", "import", str(write(register, MOVED)))
    assert "the number belongs to another organisation here; with --allow-moved it moves" in refused.stderr
    assert refused.exit_code == 2
    output = installed.done("customers", "import", "--allow-moved", "--yes", str(register))
    assert counts(output)["customer numbers: moved to another organisation"] == 1


def test_the_person_at_the_terminal_sees_whom_a_moved_number_touches_before_saying_yes(
    installed: Installation, register: Path
) -> None:
    anna = add_anna(installed)
    shown = installed.run("customers", "import", "--allow-moved", str(write(register, MOVED)))
    assert shown.exit_code == 2
    assert (
        f"10012345 moves: Exempelbolaget AB → Andra bolaget AB\n"
        f"    {anna} (A. M. Öberg) loses access to Exempelbolaget AB, and is told\n" in shown.stderr
    )
    assert "1 numbers move to another organisation and 1 customers are closed. Say --yes" in shown.stderr
    assert "Exempelbolaget AB, Malmö" in installed.done("people", "find", anna)


def test_a_link_by_a_moved_number_ends_with_a_word_in_the_audit_log(installed: Installation, register: Path) -> None:
    anna = add_anna(installed)
    output = installed.done("customers", "import", "--allow-moved", "--yes", str(write(register, MOVED)))
    assert "Imported: 2 organisations are new or changed; 1 links ended." in output
    assert "customer 10012345" not in installed.done("people", "find", anna)
    assert re.search("link.ended .*reason=number_moved", installed.done("audit", "show", anna))


def test_what_was_reached_by_a_moved_number_ends_and_nobody_else_notices(provider: Provider, tmp_path: Path) -> None:
    anna, bo = provider.browser().first_login(user=ANNA), provider.browser().authorize().identify(BO)
    bo.link("10012346", "7569").register()
    provider.clock.advance(seconds=5)
    assert "code" in bo.identify(BO).answer
    assert (anna.redeem().status_code, bo.redeem().status_code) == (200, 200)
    register = write(tmp_path / "customers.csv", MOVED)
    Installation(provider.directory).done("customers", "import", "--allow-moved", "--yes", str(register))
    living = "SELECT count(*) FROM {} WHERE {} IS NULL"
    assert provider.scalar(living.format("links", "ended_at")) == 1
    assert provider.scalar(living.format("grants", "revoked_at")) == 1
    assert provider.scalar(living.format("sessions", "ended_at")) == 1
    assert provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'") == 1
    assert provider.scalar("SELECT count(*) FROM outbox WHERE kind = 'mail.access_ended'") == 1
    assert "code" in bo.authorize().answer
    assert anna.authorize().identify(ANNA).step == "link"
    assert "code" in anna.link("10012345", "7569").answer


def test_tokens_for_a_customer_that_is_closed_are_revoked(provider: Provider, tmp_path: Path) -> None:
    browser = provider.browser().first_login()
    assert browser.redeem().status_code == 200
    register = tmp_path / "customers.csv"
    register.write_text("Kundnr;Orgnr;Namn;Aktiv\n10012345;556016-0680;Exempelbolaget AB;nej\n", encoding="utf-8")
    Installation(provider.directory).done("customers", "import", "--yes", str(register))
    assert provider.scalar("SELECT count(*) FROM grants WHERE revoked_at IS NULL") == 0
    assert provider.scalar("SELECT revoke_reason FROM grants") == "customer_closed"


def test_a_link_that_was_proved_but_not_made_before_the_number_moved_is_not_made(
    provider: Provider, tmp_path: Path
) -> None:
    browser = provider.browser().authorize().identify(ANNA).link()
    assert browser.step == "register"
    register = write(tmp_path / "customers.csv", MOVED)
    Installation(provider.directory).done("customers", "import", "--allow-moved", "--yes", str(register))
    assert browser.register().status == 409
    assert provider.scalar("SELECT count(*) FROM people") == 0
    assert browser.get(browser.base).step == "link"


# --- the file


def test_an_unknown_column_is_mentioned(installed: Installation, register: Path) -> None:
    register.write_text("Kundnummer;Orgnr;Namn;Telefn\n10012345;556016-0680;A AB;1\n", encoding="utf-8")
    result = installed.run("customers", "import", str(register))
    assert 'column "Telefn" (did you mean "Telefon"?) is not known' in result.stderr


def test_a_file_without_headers_is_refused_in_one_line(installed: Installation, register: Path) -> None:
    register.write_text(GOOD, encoding="utf-8")
    result = installed.run("customers", "import", str(register))
    assert result.exit_code == 2
    assert "it must hold the headers" in result.stderr
    assert "556016" not in result.stderr


def test_a_file_with_headers_alone_is_warned_about(installed: Installation, register: Path) -> None:
    result = installed.run("customers", "import", str(write(register)))
    assert result.exit_code == 0
    assert "customers.csv: warning: there is nothing below the headers" in result.stderr
    assert "warning" not in installed.run("customers", "import", str(write(register, GOOD))).stderr


def test_a_text_file_called_xlsx_is_refused_as_such(installed: Installation, tmp_path: Path) -> None:
    result = installed.run("customers", "import", str(write(tmp_path / "customers.xlsx", GOOD)))
    assert result.exit_code == 2
    assert "this is not an XLSX workbook" in result.stderr


def test_an_encoding_that_cannot_be_told_is_named_by_the_operator(installed: Installation, register: Path) -> None:
    register.write_bytes("Kundnr;Orgnr;Namn\n10012345;556016-0680;ÄRLIG AB\n".encode("cp850"))
    assert "say which with --encoding" in installed.run("customers", "import", str(register)).stderr
    assert "known are utf-8, utf-16," in installed.run("customers", "import", "--encoding", "x", str(register)).stderr
    installed.done("customers", "import", "--encoding", "CP850", str(register))


def test_hidden_rows_and_merged_cells_are_told(installed: Installation, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Kundnummer", "Org.nr", "Företag"])
    sheet.append([10012345, "556016-0680", "A AB"])
    sheet.row_dimensions[2].hidden = True
    sheet.merge_cells("E1:F1")
    book.save(tmp_path / "customers.xlsx")
    result = installed.run("customers", "import", str(tmp_path / "customers.xlsx"))
    assert "1 rows are hidden in the sheet; they were read like the others" in result.stderr
    assert "the sheet has merged cells; each counts for its first row" in result.stderr
    assert counts(result.stdout) == {"organisations: new": 1}


def test_the_help_lists_every_header(installed: Installation) -> None:
    said = " ".join(installed.done("customers", "import", "--help").split())
    for header in ("Kundnummer (needed)", "Kundnr", "Org.nr", "Namn", "Postort", "Mejl", "Tel", "Status", "Inaktiv"):
        assert header in said


# --- the report


def test_the_report_has_every_refused_line(installed: Installation, register: Path, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    lines = [f"{number};556016-0681;X;Y\n" for number in range(5000, 5100)]
    result = installed.run("customers", "import", "--report", str(report), str(write(register, *lines)))
    rows = read_report(report)
    assert len(rows) == 101
    assert rows[0] == ["Reason", "Kundnummer", "Organisationsnummer", "Företag", "Ort"]
    reason = "B2 (Organisationsnummer) has a wrong check digit (customer number 5000)"
    assert rows[1] == [reason, "5000", "556016-0681", "X", "Y"]
    assert f"customers.csv:2: refused: {reason}\n" in result.stderr
    assert "and 60 more refused lines" in result.stderr


def test_a_mended_report_is_imported_and_a_second_report_has_one_column_of_reasons(
    installed: Installation, register: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    installed.run("customers", "import", "--yes", "--report", str(first), str(write(register, GOOD, BAD)))
    mended = first.read_text(encoding="utf-8-sig").replace("556016-0681", "556074-7569")
    first.write_text(mended, encoding="utf-8-sig")
    result = installed.run("customers", "import", "--yes", "--report", str(second), str(first))
    assert counts(result.stdout)["organisations: new"] == 1
    assert "is not known" not in result.stderr
    assert read_report(second) == [
        ["Reason", "Kundnummer", "Organisationsnummer", "Företag", "Ort"],
        ["B2 (Kundnummer) cannot be read", "1", "556016-0680", "X", "Y"],
    ]


def test_no_spreadsheet_runs_a_cell_of_a_report_and_a_mended_report_means_what_was_meant(
    installed: Installation, register: Path, tmp_path: Path
) -> None:
    report = tmp_path / "refused.csv"
    head = "Kundnummer;Organisationsnummer;Företag;E-post;Telefon;=HYPERLINK(1)\n"
    bad = '10012345;556016-0681;"+Plus, =cmd|\' /C calc\'!A0";-@example.se;+46 8 465 004 10;"\t=1"\n'
    register.write_text(head + bad, encoding="utf-8")
    installed.run("customers", "import", "--report", str(report), str(register))
    for cell in (cell for row in read_report(report) for cell in row):
        for part in re.split("[;,\t|\r\n]", cell):
            assert not part.lstrip(" ").startswith(("=", "+", "-", "@"))
    mended = report.read_text(encoding="utf-8-sig").replace("556016-0681", "556016-0680")
    report.write_text(mended, encoding="utf-8-sig")
    installed.done("customers", "import", str(report))
    register.write_text(head + bad.replace("556016-0681", "556016-0680"), encoding="utf-8")
    assert counts(installed.done("customers", "import", str(register))) == {"organisations: unchanged": 1}


def test_a_report_is_for_its_owner_alone(installed: Installation, register: Path, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    report.touch(mode=0o644)
    installed.run("customers", "import", "--report", str(report), str(write(register, BAD)))
    assert report.stat().st_mode & 0o077 == 0


def test_a_report_that_cannot_be_written_is_found_before_anything_is_imported(
    installed: Installation, register: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "none" / "refused.csv"
    result = installed.run("customers", "import", "--yes", "--report", str(nowhere), str(write(register, GOOD, BAD)))
    assert result.exit_code == 2
    assert f"{nowhere} cannot be written: No such file or directory. Nothing was imported." in result.stderr
    assert counts(installed.run("customers", "import", "--dry-run", str(register)).stdout)["organisations: new"] == 1


def test_a_report_does_not_overwrite_the_file_it_is_about(installed: Installation, register: Path) -> None:
    before = write(register, GOOD, BAD).read_bytes()
    result = installed.run("customers", "import", "--yes", "--report", str(register), str(register))
    assert result.exit_code == 2
    assert "is the file to import, and is not overwritten. Nothing was imported." in result.stderr
    assert register.read_bytes() == before


def test_a_line_with_several_refused_numbers_is_in_the_report_once_with_every_reason(
    installed: Installation, register: Path, tmp_path: Path
) -> None:
    report = tmp_path / "refused.csv"
    two = '"10012345, 10012399";556016-0680;Exempelbolaget AB;Malmö\n'
    installed.done("customers", "import", str(write(register, two)))
    write(register, two.replace("556016-0680", "556074-7569"))
    installed.run("customers", "import", "--report", str(report), str(register))
    (_, (reasons, numbers, *_)) = read_report(report)
    assert numbers == "10012345, 10012399"
    assert "(customer number 10012345); " in reasons
    assert reasons.endswith("(customer number 10012399)")
