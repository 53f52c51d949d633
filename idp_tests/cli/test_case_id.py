"""A case is a word."""

import click
import pytest
from click.testing import CliRunner

from idp.cli.case_id import case_option


@click.command()
@case_option("The case.")
def command(case_id: str) -> None:
    click.echo(case_id)


@pytest.mark.parametrize("case", ["C-1", "a_b", "7"])
def test_a_word_is_taken(case: str) -> None:
    assert CliRunner().invoke(command, ["--case", case]).output == f"{case}\n"


@pytest.mark.parametrize("case", ["Anna ringde", "", "x" * 41, "å"])
def test_a_story_is_not(case: str) -> None:
    assert CliRunner().invoke(command, ["--case", case]).exit_code == 2


def test_it_is_required() -> None:
    assert "--case" in CliRunner().invoke(command, []).output
