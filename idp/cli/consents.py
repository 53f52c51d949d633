"""`idp consents`: what a person allows third parties, and taking it back on the person's word."""

import getpass

import click

from idp.cli.opening import now, open_settings, open_store
from idp.cli.problems import Problem


@click.group("consents")
def command() -> None:
    """What people allow third parties."""


@command.command("list")
@click.argument("person_id")
def list_all(person_id: str) -> None:
    """Every consent of a person that stands, one client per line."""
    from idp.adapters.database.consents import DatabaseConsents

    with open_store(open_settings()):
        found = DatabaseConsents().all_of(person_id, now())
    for client_id, scopes in found.items():
        click.echo(f"{client_id}: {' '.join(scopes)}")
    if not found:
        click.echo("none")


@command.command()
@click.argument("person_id")
@click.argument("client_id")
def withdraw(person_id: str, client_id: str) -> None:
    """Take a consent back; the client's tokens for this person end at once, and it has to ask again."""
    from idp.adapters.database.audit import DatabaseAudit
    from idp.adapters.database.consents import DatabaseConsents
    from idp.adapters.database.engine import unit_of_work
    from idp.adapters.database.grants import DatabaseGrants
    from idp.core.events import ConsentWithdrawn

    moment = now()
    with open_store(open_settings()) as store, unit_of_work():
        if not DatabaseConsents().withdraw(person_id, client_id, moment):
            raise Problem(f"{person_id} allows {client_id} nothing; see `idp consents list {person_id}`")
        grants = DatabaseGrants(store.cipher)
        revoked = grants.revoke_for_person_and_client(person_id, client_id, moment, reason="consent_withdrawn")
        withdrawn = ConsentWithdrawn(person_id=person_id, client_id=client_id, operator=getpass.getuser())
        DatabaseAudit().record(withdrawn, moment)
    click.echo(f"withdrawn; {revoked} grants revoked")
