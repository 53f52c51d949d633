"""`idp linking`: for the support desk: what guessers have left of a company's tries, and one try given back."""

import getpass
import re
from typing import TYPE_CHECKING

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.budgets import Left
    from idp.core.linking.support import UnlockCompany

_CASE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@click.group("linking")
def command() -> None:
    """Tries at customer numbers."""


@command.command()
@click.argument("customer_number")
@given(
    lambda provider: provider.own_database, lambda provider: provider.unlock_company, lambda provider: provider.clock()
)
def show(database: "OwnDatabase", unlock_company: "UnlockCompany", now: "datetime", customer_number: str) -> None:
    """Show how many wrong tries are left at the company of this number."""
    from idp.core.linking.support import UnknownNumber

    with database.unit_of_work():
        found = unlock_company.look(customer_number, now)
    if isinstance(found, UnknownNumber):
        raise _unknown(customer_number)
    for tries, left in found.items():
        click.echo(_line(tries.value, left))


@command.command()
@click.argument("customer_number")
@click.argument("tries", type=click.Choice(["four-digits", "whole-number"]))
@click.option("--case", "case_id", required=True, help="The case in which the caller was verified; for the audit log.")
@given(
    lambda provider: provider.own_database, lambda provider: provider.unlock_company, lambda provider: provider.clock()
)
def unlock(
    database: "OwnDatabase",
    unlock_company: "UnlockCompany",
    now: "datetime",
    customer_number: str,
    tries: str,
    case_id: str,
) -> None:
    """Give the company of this number one wrong try back. Verify first that the caller belongs to it."""
    from idp.core.linking.limits import CompanyTries
    from idp.core.linking.support import UnknownNumber

    if not _CASE.fullmatch(case_id):
        raise Problem("--case: letters, digits, - and _, 40 at most")
    with database.unit_of_work():
        left = unlock_company(customer_number, CompanyTries(tries), now, operator=getpass.getuser(), case_id=case_id)
    if isinstance(left, UnknownNumber):
        raise _unknown(customer_number)
    click.echo(_line(tries, left))


def _line(tries: str, left: "Left") -> str:
    until = f", until {left.until:%Y-%m-%d %H:%M} UTC" if left.until else ""
    return f"{tries}: {left.acts} left{until}"


def _unknown(number: str) -> Problem:
    return Problem(f"{number}: no customer has this number")
