"""One import: how the person at the terminal is asked, and what is said without one."""

from pathlib import Path

import pytest

from idp.cli.customer_import import _is_agreed_to
from idp.core.customer_register.agreement import NeedsWord
from idp_tests.cli.installation import Installation

MOVES = NeedsWord(refused_lines=0, moved_numbers=1, closed_organisations=1)


@pytest.mark.parametrize("typed", [True, False])
def test_the_person_at_the_terminal_is_asked(typed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return typed

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", confirm)
    assert _is_agreed_to(MOVES) is typed
    assert asked == ["1 numbers move to another organisation and 1 customers are closed. Import it so?"]


def test_without_anybody_at_the_terminal_an_option_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert not _is_agreed_to(MOVES)
    assert "Say --yes to import it so" in capsys.readouterr().err


def test_a_dry_run_says_too_that_too_many_would_be_closed(installed: Installation, tmp_path: Path) -> None:
    register = tmp_path / "customers.csv"
    lines = [
        f"{number};{organisation};A AB" for number, organisation in enumerate(("556016-0680", "559904-1125"), 5000)
    ]
    head = "Kundnr;Orgnr;Namn;Aktiv"
    register.write_text("\n".join([head, *lines]), encoding="utf-8")
    installed.done("customers", "import", str(register))
    register.write_text("\n".join([head, *(f"{line};nej" for line in lines)]), encoding="utf-8")
    refused = installed.run("customers", "import", "--dry-run", str(register))
    assert refused.exit_code == 2
    assert "2 of 2 active customers would be closed" in refused.stderr
