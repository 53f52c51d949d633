"""`idp db`: bring the schema up to date, or see whether it is."""

from typing import TYPE_CHECKING

import click

from idp.cli.opening import pass_provider

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
    after = installation.schema().current
    done = "is up to date at" if before == after else f"went from {before or 'nothing'} to"
    click.echo(f"{installation.address} {done} {after}")


@command.command()
@pass_provider
def status(provider: "Provider") -> None:
    """Compare the schema with this program; exit code 2 when they differ."""
    installation = provider.installation
    installation.require_current()
    click.echo(f"{installation.address} is up to date at {installation.schema().current}")
