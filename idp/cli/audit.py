"""`idp audit`: prove that the audit log is as it was written, and read what happened to a person."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from idp.cli.problems import MISCONFIGURED
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.audit_log import AuditLog, Recorded


@click.group("audit")
def command() -> None:
    """What happened, to whom."""


@command.command()
@given(lambda provider: provider.own_database, lambda provider: provider.store.audit)
def verify(database: "OwnDatabase", audit: "AuditLog") -> None:
    """Recompute the chain over the whole log; exit code 2 when a row was changed, removed or put in.

    Keep the printed head in another place: then nobody can replace the whole chain unseen.
    """
    with database.opened():
        chain = audit.verify()
    click.echo(f"{chain.checked} events are chained, {chain.unsealed} not yet; head {chain.head}")
    for place in chain.breaks:
        click.echo(f"BROKEN at {place}", err=True)
    if chain.breaks:
        raise click.exceptions.Exit(MISCONFIGURED)


@command.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=1000, show_default=True)
@given(lambda provider: provider.own_database, lambda provider: provider.store.audit, lambda provider: provider.clock())
def seal(database: "OwnDatabase", audit: "AuditLog", now: "datetime", limit: int) -> None:
    """Chain the latest events now instead of within a minute; before a backup, for example."""
    with database.unit_of_work():
        click.echo(f"{audit.seal(now, limit=limit)} events chained")


@command.command()
@click.argument("person_id")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.audit,
    lambda provider: provider.reasons,
)
def show(database: "OwnDatabase", audit: "AuditLog", reasons: Mapping[str, str], person_id: str, limit: int) -> None:
    """What happened to a person, the newest first."""
    with database.opened():
        for entry in audit.of_person(person_id, limit=limit):
            for line in told(entry, reasons):
                click.echo(line)


def told(entry: "Recorded", reasons: Mapping[str, str]) -> Iterator[str]:
    """An event for a reader: when, what it is called and its facts; below, what that means, and what decided it."""
    from idp.core.events import EVENTS

    facts = "".join(f"  {name}={_word(value)}" for name, value in entry.facts.items() if name != "person_id")
    yield f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.name}{facts}"
    if entry.name in EVENTS:
        yield f"    {EVENTS[entry.name].sentence}"
    decided_by = str(entry.facts.get("decided_by"))
    if decided_by in reasons:
        yield f"    {decided_by}: {reasons[decided_by]}"


def _word(fact: object) -> str:
    return ",".join(map(str, fact)) if isinstance(fact, list) else str(fact)
