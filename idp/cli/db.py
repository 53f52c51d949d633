"""`idp db`: bring the schema up to date, or see whether it is."""

from typing import TYPE_CHECKING

import click

from idp.cli.with_provider import given

if TYPE_CHECKING:
    from idp.assembly.own_database import Installation


@click.group("db")
def command() -> None:
    """The database's schema."""


@command.command()
@given(lambda provider: provider.installation)
def upgrade(installation: "Installation") -> None:
    """Bring the schema up to this program's version; again is nothing."""
    before = installation.schema().current
    installation.upgrade()
    found = installation.schema()
    if before == found.current:
        click.echo(_state(installation))
    else:
        click.echo(f"{installation.address} went from {before or 'nothing'} to {found.current}")


@command.command()
@given(lambda provider: provider.installation)
def status(installation: "Installation") -> None:
    """Compare the schema with this program; exit code 2 when this program cannot work on it."""
    installation.require_schema()
    click.echo(_state(installation))


def _state(installation: "Installation") -> str:
    found, address = installation.schema(), installation.address
    if found.is_current:
        return f"{address} is up to date at {found.current}"
    return f"{address} is at {found.current}, which a newer program made and this one, {found.head}, can still work on"
