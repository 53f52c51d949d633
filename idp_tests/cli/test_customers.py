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
    assert "customers.csv:3: refused: customer_number is malformed" in result.stderr
    assert "customers.csv:4: refused: organisation_number is malformed (customer number 10012399)" in result.stderr
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
    with report.open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert len(rows) == 101
    assert rows[1] == ["2", "malformed", "organisation_number", "5000"]
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
    assert 'column "Telefn" (did you mean "telefon"?) is not known' in result.stderr


def test_a_file_without_headers_is_refused_in_one_line(installed: Installation, register: Path) -> None:
    register.write_text(GOOD, encoding="utf-8")
    result = installed.run("customers", "import", str(register))
    assert result.exit_code == 2
    assert "it must hold the headers" in result.stderr
    assert "556016" not in result.stderr
