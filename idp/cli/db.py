"""`idp db`: bring the schema up to date, or see whether it is."""

import click

from idp.cli.opening import open_database, open_settings, require_current_schema


@click.group("db")
def command() -> None:
    """The database's schema."""


@command.command()
def upgrade() -> None:
    """Bring the schema up to this program's version; again is nothing."""
    from idp.adapters.database import installation

    with open_database(open_settings()):
        before = installation.schema().current
        installation.upgrade()
        after = installation.schema().current
        done = "is up to date at" if before == after else f"went from {before or 'nothing'} to"
        click.echo(f"{installation.address()} {done} {after}")


@command.command()
def status() -> None:
    """Compare the schema with this program; exit code 2 when they differ."""
    from idp.adapters.database import installation

    with open_database(open_settings()):
        require_current_schema()
        click.echo(f"{installation.address()} is up to date at {installation.schema().current}")
