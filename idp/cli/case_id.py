"""The case in which an operator acts for a person: a word for the audit log, never a story."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from idp.cli.problems import Problem

_CASE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def case_option(help_text: str) -> Callable[[_Command], _Command]:
    """The option `--case`, required; the command is given it as `case_id`. Raises Problem for anything but a word."""
    return click.option("--case", "case_id", required=True, callback=_checked, help=help_text)


def _checked(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not _CASE.fullmatch(value):
        raise Problem("--case: letters, digits, - and _, 40 at most")
    return value
