"""`idp consents`: what a person allows third parties, and taking it back on the person's word."""

import getpass
from typing import TYPE_CHECKING

import click

from idp.cli.opening import open_store, pass_provider
from idp.cli.problems import Problem

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
    from idp.core.events import ConsentWithdrawn

    now = provider.clock()
    with open_store(provider) as store, provider.database.unit_of_work():
        if not store.consents.withdraw(person_id, client_id, now):
            raise Problem(f"{person_id} allows {client_id} nothing; see `idp consents list {person_id}`")
        revoked = store.grants.revoke_for_person_and_client(person_id, client_id, now, reason="consent_withdrawn")
        withdrawn = ConsentWithdrawn(person_id=person_id, client_id=client_id, operator=getpass.getuser())
        store.audit.record(withdrawn, now)
    click.echo(f"withdrawn; {revoked} grants revoked")
