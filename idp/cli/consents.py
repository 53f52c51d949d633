"""`idp consents`: what a person allows third parties, and taking it back on the person's word."""

import getpass
from typing import TYPE_CHECKING

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.accounts.ports import StandingConsents
    from idp.core.accounts.withdraw_consent import WithdrawConsent


@click.group("consents")
def command() -> None:
    """What people allow third parties."""


@command.command("list")
@click.argument("person_id")
@given(
    lambda provider: provider.own_database, lambda provider: provider.store.consents, lambda provider: provider.clock()
)
def list_all(database: "OwnDatabase", consents: "StandingConsents", now: "datetime", person_id: str) -> None:
    """Every consent of a person that stands, one client per line."""
    with database.opened():
        found = consents.all_of(person_id, now)
    for client_id, scopes in found.items():
        click.echo(f"{client_id}: {' '.join(scopes)}")
    if not found:
        click.echo("none")


@command.command()
@click.argument("person_id")
@click.argument("client_id")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.accounts.withdraw_consent,
    lambda provider: provider.clock(),
)
def withdraw(
    database: "OwnDatabase", withdraw_consent: "WithdrawConsent", now: "datetime", person_id: str, client_id: str
) -> None:
    """Take a consent back; the client's tokens for this person end at once, and it has to ask again."""
    from idp.core.accounts.withdraw_consent import NothingAllowed, Withdrawn

    with database.unit_of_work():
        match withdraw_consent(person_id, client_id, now, operator=getpass.getuser()):
            case Withdrawn(grants_revoked=revoked):
                click.echo(f"withdrawn; {revoked} grants revoked")
            case NothingAllowed():
                raise Problem(f"{person_id} allows {client_id} nothing; see `idp consents list {person_id}`")
