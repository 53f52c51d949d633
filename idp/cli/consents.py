"""`idp consents`: what a person allows third parties, and taking it back on the person's word."""

import getpass
from typing import TYPE_CHECKING

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import open_store, pass_provider

if TYPE_CHECKING:
    from idp.assembly.provider import Provider


@click.group("consents")
def command() -> None:
    """What people allow third parties."""


@command.command("list")
@click.argument("person_id")
@pass_provider
def list_all(provider: "Provider", person_id: str) -> None:
    """Every consent of a person that stands, one client per line."""
    with open_store(provider) as store:
        found = store.consents.all_of(person_id, provider.clock())
    for client_id, scopes in found.items():
        click.echo(f"{client_id}: {' '.join(scopes)}")
    if not found:
        click.echo("none")


@command.command()
@click.argument("person_id")
@click.argument("client_id")
@pass_provider
def withdraw(provider: "Provider", person_id: str, client_id: str) -> None:
    """Take a consent back; the client's tokens for this person end at once, and it has to ask again."""
    from idp.core.accounts.withdraw_consent import NothingAllowed, Withdrawn

    with open_store(provider), provider.database.unit_of_work():
        withdraw_consent = provider.accounts.withdraw_consent
        match withdraw_consent(person_id, client_id, provider.clock(), operator=getpass.getuser()):
            case Withdrawn(grants_revoked=revoked):
                click.echo(f"withdrawn; {revoked} grants revoked")
            case NothingAllowed():
                raise Problem(f"{person_id} allows {client_id} nothing; see `idp consents list {person_id}`")
