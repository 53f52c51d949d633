"""`idp db`: bring the schema up to date, or see whether it is."""

from typing import TYPE_CHECKING

import click

from idp.cli.with_provider import pass_provider

if TYPE_CHECKING:
    from idp.assembly.provider import Provider


@click.group("db")
def command() -> None:
    """The database's schema."""


@command.command()
@pass_provider
def upgrade(provider: "Provider") -> None:
    """Bring the schema up to this program's version; again is nothing."""
    installation = provider.installation
    before = installation.schema().current
    installation.upgrade()
    found = installation.schema()
    if before == found.current:
        click.echo(_state(provider))
    else:
        click.echo(f"{installation.address} went from {before or 'nothing'} to {found.current}")


@command.command()
@pass_provider
def status(provider: "Provider") -> None:
    """Compare the schema with this program; exit code 2 when this program cannot work on it."""
    provider.installation.require_schema()
    click.echo(_state(provider))


def _state(provider: "Provider") -> str:
    found, address = provider.installation.schema(), provider.installation.address
    if found.is_current:
        return f"{address} is up to date at {found.current}"
    return f"{address} is at {found.current}, which a newer program made and this one, {found.head}, can still work on"
