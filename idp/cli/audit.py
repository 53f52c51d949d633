"""`idp audit`: prove that the audit log is as it was written, and read what happened to a person."""

import click

from idp.cli.opening import now, open_settings, open_store
from idp.cli.problems import MISCONFIGURED


@click.group("audit")
def command() -> None:
    """What happened, to whom."""


@command.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Recompute the chain over the whole log; exit code 2 when a row was changed, removed or put in.

    Keep the printed head in another place: then nobody can replace the whole chain unseen.
    """
    from idp.adapters.database.audit import DatabaseAudit

    with open_store(open_settings()):
        chain = DatabaseAudit().verify()
    click.echo(f"{chain.checked} events are chained, {chain.unsealed} not yet; head {chain.head}")
    for place in chain.breaks:
        click.echo(f"BROKEN at {place}", err=True)
    if chain.breaks:
        context.exit(MISCONFIGURED)


@command.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=1000, show_default=True)
def seal(limit: int) -> None:
    """Chain the latest events now instead of within a minute; before a backup, for example."""
    from idp.adapters.database.audit import DatabaseAudit
    from idp.adapters.database.engine import unit_of_work

    with open_store(open_settings()), unit_of_work():
        click.echo(f"{DatabaseAudit().seal(now(), limit=limit)} events chained")


@command.command()
@click.argument("person_id")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def show(person_id: str, limit: int) -> None:
    """What happened to a person, the newest first."""
    from idp.adapters.database.audit import DatabaseAudit

    with open_store(open_settings()):
        for entry in DatabaseAudit().events_of(person_id, limit=limit):
            facts = " ".join(f"{name}={value}" for name, value in entry.items() if name not in {"at", "event"})
            click.echo(f"{entry['at']:%Y-%m-%d %H:%M:%S} UTC  {entry['event']}  {facts}".rstrip())
