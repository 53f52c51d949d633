"""`idp people finish-erasures`: after a backup was restored, who had been erased since is erased once more."""

import getpass
from typing import TYPE_CHECKING

import click

from idp.cli.case_id import case_option
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.accounts.finish_erasures import FinishErasures


@click.command("finish-erasures")
@case_option("The case of the restoration; for the audit log.")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.accounts.finish_erasures,
    lambda provider: provider.clock(),
)
def finish_erasures(database: "OwnDatabase", finish: "FinishErasures", now: "datetime", case_id: str) -> None:
    """Erase people whose key is gone. Restore the newest dump of the keys first: who is in it was not erased."""
    with database.opened():
        count = finish.count()
    click.echo(f"{count} people have no key, and nobody can read what is stored about them.")
    if count:
        click.confirm(
            "Is the newest dump of the keys restored, and shall they be erased for ever?", abort=True, err=True
        )
        with database.unit_of_work():
            erased = finish(now, operator=getpass.getuser(), case_id=case_id)
        click.echo(f"erased: {erased}")
