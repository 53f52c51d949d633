"""One import: what has to be agreed to, by the person at the terminal or by an option."""

from pathlib import Path

import pytest

from idp.cli.customer_import import Answers, _is_wanted, _percent
from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.line import RefusedLine
from idp.core.customer_register.plan import ImportOptions, Plan, plan
from idp_tests.cli.installation import Installation
from idp_tests.core.customer_register.sayings import ACTIVE, CLOSED, TWO, said, stored

HERE = [stored(n1001=ACTIVE)]
HARMLESS = plan([said("1001", "2002")], HERE)
MOVES = plan([said("1001", org=TWO)], HERE, ImportOptions(allow_moved=True))
CLOSES = plan([said("1001", state=CLOSED)], HERE)
REFUSES = plan([said("1001"), RefusedLine(3, Refusal.UNCLOSED_QUOTATION)], HERE)


def answers(*, yes: bool = False, all_or_nothing: bool = False) -> Answers:
    return Answers(dry_run=False, all_or_nothing=all_or_nothing, yes=yes, close_at_most=None)


@pytest.mark.parametrize("made", [MOVES, CLOSES, REFUSES])
def test_what_takes_something_from_somebody_needs_a_yes(made: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert not _is_wanted(made, answers())
    assert _is_wanted(made, answers(yes=True))


def test_what_only_adds_needs_none() -> None:
    assert _is_wanted(HARMLESS, answers())


def test_all_or_nothing_is_stronger_than_yes() -> None:
    assert not _is_wanted(REFUSES, answers(yes=True, all_or_nothing=True))
    assert _is_wanted(MOVES, answers(yes=True, all_or_nothing=True))


@pytest.mark.parametrize("typed", [True, False])
def test_the_person_at_the_terminal_is_asked(typed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return typed

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", confirm)
    assert _is_wanted(MOVES, answers()) is typed
    assert asked == ["1 numbers move to another organisation and 1 customers are closed. Import it so?"]


@pytest.mark.parametrize(("share", "percent"), [(0.05, 5), (0.101, 11), (1.0, 100), (0.0, 0)])
def test_a_share_is_rounded_up_so_that_what_is_said_suffices(share: float, percent: int) -> None:
    assert _percent(share) == percent


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
