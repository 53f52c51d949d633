"""`idp linking`: for the support desk: who tried customer numbers, what tries are left, and one try given back."""

import getpass
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.budgets import Left
    from idp.core.linking.attempts import Seen
    from idp.core.linking.support import GiveTryBack

_CASE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TRIES = (
    "person-day",
    "person-month",
    "person-year",
    "person-four-digits",
    "company-four-digits",
    "company-whole-number",
)


@click.group("linking")
def command() -> None:
    """Tries at customer numbers."""


@command.command()
@click.argument("what")
@given(
    lambda provider: provider.own_database, lambda provider: provider.give_try_back, lambda provider: provider.clock()
)
def show(database: "OwnDatabase", give_try_back: "GiveTryBack", now: "datetime", what: str) -> None:
    """Show which tries are left, and the latest ones.

    WHAT is the code on somebody's screen, a person's id, or a customer number.
    """
    from idp.core.linking.support import NothingKnown

    with database.unit_of_work():
        found = give_try_back.look(what, now)
    if isinstance(found, NothingKnown):
        raise _unknown(what)
    for tries, left in found.left.items():
        click.echo(_line(tries.value, left))
    for seen in found.seen:
        click.echo("\n".join(_told(seen)))


@command.command()
@click.argument("what")
@click.argument("tries", type=click.Choice(_TRIES))
@click.option("--case", "case_id", required=True, help="The case in which the caller was verified; for the audit log.")
@given(
    lambda provider: provider.own_database, lambda provider: provider.give_try_back, lambda provider: provider.clock()
)
def unlock(
    database: "OwnDatabase", give_try_back: "GiveTryBack", now: "datetime", what: str, tries: str, case_id: str
) -> None:
    """Give one wrong try back. Verify first who the caller is; the company's contact is told.

    WHAT is the code on the caller's screen, a person's id, or a customer number. A year's tries (person-year,
    company-whole-number) are given back when a second operator asks for it in the same case within a day.
    """
    from idp.core.linking.limits import Tries
    from idp.core.linking.support import AnotherMustAsk, NoSuchTries, NothingKnown

    if not _CASE.fullmatch(case_id):
        raise Problem("--case: letters, digits, - and _, 40 at most")
    with database.unit_of_work():
        outcome = give_try_back(what, Tries(tries), now, operator=getpass.getuser(), case_id=case_id)
    match outcome:
        case NothingKnown():
            raise _unknown(what)
        case NoSuchTries():
            raise Problem(f"{what}: has no tries of this kind; `idp linking show {what}` says which it has")
        case AnotherMustAsk():
            click.echo(f"{tries}: noted. Another operator gives it back with the same command within a day.")
            raise click.exceptions.Exit(1)
        case left:
            click.echo(_line(tries, left))


def _line(tries: str, left: "Left") -> str:
    until = f", until {left.until:%Y-%m-%d %H:%M} UTC" if left.until else ""
    return f"{tries}: {left.acts} left{until}"


def _told(seen: "Seen") -> Iterator[str]:
    yield f"{seen.at:%Y-%m-%d %H:%M:%S} UTC  {seen.reference}  {seen.tier}  {seen.result}  from {seen.network or 'an unknown network'}"
    yield f"    guesser {seen.guesser}  person {seen.person_id or 'without an account'}  identification {seen.authentication_id} ({seen.verdict})"
    yield f"    customer {seen.customer_id or 'none: nobody has the number'}"


def _unknown(what: str) -> Problem:
    return Problem(f"{what}: no try has this code, no person this id, and no customer this number")
