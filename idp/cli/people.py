"""`idp people`: for the support desk: find a person, block and unblock, end a link to a customer, export, erase.

What it prints is masked: enough to recognise somebody on the telephone, too little to be worth copying. Personal numbers
are neither printed nor searched for, because a shell keeps what was typed.
"""

import getpass
import re
from typing import TYPE_CHECKING

import click

from idp.cli.erase_person import erase
from idp.cli.export_person import export
from idp.cli.finish_erasures import finish_erasures
from idp.cli.masking import person_in_lines
from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.accounts.block import Block, Unblock
    from idp.core.accounts.end_link import EndLink, KeepOut
    from idp.core.accounts.find_people import FindPeople

_REASON = re.compile(r"[a-z0-9_]{1,40}")


@click.group("people")
def command() -> None:
    """People with a user account."""


command.add_command(export)
command.add_command(erase)
command.add_command(finish_erasures)


@command.command()
@click.argument("text")
@click.option("--full", is_flag=True, help="Show telephone number and address unmasked; it is noted in the audit log.")
@given(lambda provider: provider.own_database, lambda provider: provider.find_people, lambda provider: provider.clock())
def find(database: "OwnDatabase", find_people: "FindPeople", now: "datetime", text: str, *, full: bool) -> None:
    """Find people by e-mail address, telephone number, customer number, id or sub."""
    from idp.core.accounts.find_people import PersonalNumberGiven

    with database.unit_of_work():
        found = find_people(text, now, operator=getpass.getuser(), unmasked=full)
    if isinstance(found, PersonalNumberGiven):
        raise Problem("Personal numbers are not searched for. Use an address, a telephone or customer number.")
    for person in found:
        click.echo("\n".join(person_in_lines(person, full=full)))
    if not found:
        raise click.exceptions.Exit(1)


@command.command()
@click.argument("person_id")
@click.option("--reason", default="support", show_default=True, help="One word for the audit log.")
@given(
    lambda provider: provider.own_database, lambda provider: provider.accounts.block, lambda provider: provider.clock()
)
def block(database: "OwnDatabase", block_person: "Block", now: "datetime", person_id: str, reason: str) -> None:
    """Suspend an account: sessions and tokens end at once, and every app is told."""
    from idp.core.accounts.block import AlreadyBlocked, Blocked
    from idp.core.people.person import NoSuchPerson

    word = _word(reason)
    with database.unit_of_work():
        match block_person(person_id, now, operator=getpass.getuser(), reason=word):
            case Blocked(logins_ended=ended):
                click.echo(f"{person_id} is blocked; logins ended: {ended}")
            case AlreadyBlocked():
                raise Problem(f"{person_id} is blocked already")
            case NoSuchPerson():
                raise _no_such_person(person_id)


@command.command()
@click.argument("person_id")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.accounts.unblock,
    lambda provider: provider.clock(),
)
def unblock(database: "OwnDatabase", unblock_person: "Unblock", now: "datetime", person_id: str) -> None:
    """Open an account again; the person logs in again."""
    from idp.core.accounts.block import NotBlocked, Unblocked
    from idp.core.people.person import NoSuchPerson

    with database.unit_of_work():
        match unblock_person(person_id, now, operator=getpass.getuser()):
            case Unblocked():
                click.echo(f"{person_id} is open again")
            case NotBlocked():
                raise Problem(f"{person_id} is not blocked")
            case NoSuchPerson():
                raise _no_such_person(person_id)


@command.command()
@click.argument("person_id")
@click.argument("customer_number")
@click.option("--reason", default="support", show_default=True, help="One word for the audit log.")
@click.option(
    "--keep-out", is_flag=True, help="The person cannot link the customer again until it is unlinked plainly."
)
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.accounts.end_link,
    lambda provider: provider.accounts.keep_out,
    lambda provider: provider.clock(),
)
def unlink(
    database: "OwnDatabase",
    end_link: "EndLink",
    keep_person_out: "KeepOut",
    now: "datetime",
    person_id: str,
    customer_number: str,
    reason: str,
    *,
    keep_out: bool,
) -> None:
    """End a person's link to the customer with this number, and the tokens that act for it.

    Anybody who still knows the old digits may link it again, unless --keep-out is given. Nothing else of the account changes.
    """
    from idp.core.accounts.end_link import AlreadyKeptOut, NotLinked, Unlinked
    from idp.core.people.person import NoSuchPerson

    word = _word(reason)
    with database.unit_of_work():
        end = keep_person_out if keep_out else end_link
        match end(person_id, customer_number, now, operator=getpass.getuser(), reason=word):
            case Unlinked(grants_revoked=revoked):
                click.echo(f"{person_id} is not linked to {customer_number} any more; {revoked} grants revoked")
            case AlreadyKeptOut():
                raise Problem(f"{person_id} is kept out of {customer_number} already")
            case NotLinked(numbers=numbers):
                linked = ", ".join(numbers) or "none"
                raise Problem(f"{person_id} is not linked to {customer_number}; linked: {linked}")
            case NoSuchPerson():
                raise _no_such_person(person_id)


def _no_such_person(person_id: str) -> Problem:
    return Problem(f"{person_id}: no such person; `idp people find TEXT` shows ids")


def _word(reason: str) -> str:
    if not _REASON.fullmatch(reason):
        raise Problem("--reason: one word of small letters, digits and underscores, up to 40; never a name")
    return reason
