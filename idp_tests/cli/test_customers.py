"""`idp customers import`: the operator sees what is wrong and what would change before anything is written."""

import csv
from pathlib import Path

import pytest

from idp_tests.cli.installation import Installation

HEAD = "Kundnummer;Organisationsnummer;Företag;Ort\n"
GOOD = "10012345;556016-0680;Exempelbolaget AB;Malmö\n"
BAD = "1;556016-0680;X;Y\n10012399;556016-0681;Fel AB;Lund\n"


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
    lines = (line.rsplit(maxsplit=1) for line in output.splitlines())
    return {pair[0].strip(): int(pair[1]) for pair in lines if len(pair) == 2 and pair[1].isdigit()}


def test_a_good_file_is_imported_without_a_question(installed: Installation, register: Path) -> None:
    output = installed.done("customers", "import", str(write(register, GOOD)))
    assert counts(output)["new"] == 1
    assert "Imported 1 customer numbers." in output


def test_the_same_file_again_changes_nothing(installed: Installation, register: Path) -> None:
    installed.done("customers", "import", str(write(register, GOOD)))
    output = installed.done("customers", "import", str(register))
    assert counts(output)["unchanged"] == 1
    assert "Imported 0 customer numbers." in output


def test_a_dry_run_shows_and_writes_nothing(installed: Installation, register: Path) -> None:
    output = installed.done("customers", "import", "--dry-run", str(write(register, GOOD)))
    assert "Dry run: nothing was written." in output
    assert counts(installed.done("customers", "import", str(register)))["new"] == 1


def test_refused_lines_are_shown_with_their_reason_and_nothing_is_written(
    installed: Installation, register: Path
) -> None:
    result = installed.run("customers", "import", str(write(register, GOOD, BAD)))
    assert result.exit_code == 2
    assert "customers.csv:3: refused: Kundnummer is malformed" in result.stderr
    assert "customers.csv:4: refused: Organisationsnummer is malformed (customer number 10012399)" in result.stderr
    assert "556016" not in result.output
    assert counts(installed.done("customers", "import", str(write(register, GOOD))))["new"] == 1


def test_after_yes_the_good_lines_are_imported(installed: Installation, register: Path) -> None:
    result = installed.run("customers", "import", "--yes", str(write(register, GOOD, BAD)))
    assert result.exit_code == 1
    assert "Imported 1 customer numbers." in result.stdout


def test_all_or_nothing_is_nothing_when_a_line_is_refused(installed: Installation, register: Path) -> None:
    result = installed.run("customers", "import", "--all-or-nothing", "--yes", str(write(register, GOOD, BAD)))
    assert result.exit_code == 2
    assert "Nothing was imported." in result.stderr


def test_the_report_has_every_refused_line(installed: Installation, register: Path, tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    lines = [f"{number};556016-0681;X;Y\n" for number in range(5000, 5100)]
    result = installed.run("customers", "import", "--report", str(report), str(write(register, *lines)))
    rows = read_report(report)
    assert len(rows) == 101
    assert rows[0] == ["Reason", "Kundnummer", "Organisationsnummer", "Företag", "Ort"]
    reason = "Organisationsnummer is malformed (customer number 5000)"
    assert rows[1] == [reason, "5000", "556016-0681", "X", "Y"]
    assert f"customers.csv:2: refused: {reason}\n" in result.stderr
    assert "and 60 more refused lines" in result.stderr


def test_a_number_that_moves_to_another_organisation_needs_the_operators_word(
    installed: Installation, register: Path
) -> None:
    installed.done("customers", "import", str(write(register, GOOD)))
    moved = GOOD.replace("556016-0680", "556074-7569")
    refused = installed.run("customers", "import", str(write(register, moved)))
    assert "the number belongs to another organisation here" in refused.stderr
    assert refused.exit_code == 2
    assert counts(installed.done("customers", "import", "--allow-moved", str(register)))["changed"] == 1


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


def test_a_mended_report_is_imported_and_a_second_report_has_one_column_of_reasons(
    installed: Installation, register: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    installed.run("customers", "import", "--yes", "--report", str(first), str(write(register, GOOD, BAD)))
    mended = first.read_text(encoding="utf-8-sig").replace("556016-0681", "556074-7569")
    first.write_text(mended, encoding="utf-8-sig")
    result = installed.run("customers", "import", "--yes", "--report", str(second), str(first))
    assert counts(result.stdout)["new"] == 1
    assert "is not known" not in result.stderr
    assert read_report(second) == [
        ["Reason", "Kundnummer", "Organisationsnummer", "Företag", "Ort"],
        ["Kundnummer is malformed", "1", "556016-0680", "X", "Y"],
    ]


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
    assert counts(installed.run("customers", "import", "--dry-run", str(register)).stdout)["new"] == 1


def test_a_report_does_not_overwrite_the_file_it_is_about(installed: Installation, register: Path) -> None:
    before = write(register, GOOD, BAD).read_bytes()
    result = installed.run("customers", "import", "--yes", "--report", str(register), str(register))
    assert result.exit_code == 2
    assert "that is the file to import. Nothing was imported." in result.stderr
    assert register.read_bytes() == before


def test_a_file_with_headers_alone_is_warned_about(installed: Installation, register: Path) -> None:
    result = installed.run("customers", "import", str(write(register)))
    assert result.exit_code == 0
    assert "customers.csv: warning: there is nothing below the headers" in result.stderr
    assert "warning" not in installed.run("customers", "import", str(write(register, GOOD))).stderr


def test_a_text_file_called_xlsx_is_refused_as_such(installed: Installation, tmp_path: Path) -> None:
    result = installed.run("customers", "import", str(write(tmp_path / "customers.xlsx", GOOD)))
    assert result.exit_code == 2
    assert "this is not an XLSX workbook" in result.stderr


def test_the_help_lists_every_header(installed: Installation) -> None:
    said = " ".join(installed.done("customers", "import", "--help").split())
    for header in ("Kundnummer (needed)", "Kundnr", "Org.nr", "Namn", "Postort", "Mejl", "Tel", "Status"):
        assert header in said


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
