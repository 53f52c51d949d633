"""`idp audit`: prove that the audit log is as it was written, and read what happened to a person."""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from idp.cli.problems import MISCONFIGURED
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from datetime import datetime

    from idp.assembly.own_database import OwnDatabase
    from idp.core.audit_chain.inspection import Finding, Inspected
    from idp.core.audit_log import AuditChain, AuditLog, Recorded


REMEDY = (
    "Copy the database, the anchors and the logs before anything else is done; compare the first place with the latest backup "
    "in which the log verifies; and ask who could write to the database in between."
)


@click.group("audit")
def command() -> None:
    """What happened, to whom."""


@command.command()
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.audit_chain,
    lambda provider: provider.clock(),
)
def verify(database: "OwnDatabase", chain: "AuditChain", now: "datetime") -> None:
    """Walk along the whole log; exit code 2 when a row was changed, removed, put in, moved or dated back."""
    with database.unit_of_work():
        count = chain.count()
        with click.progressbar(length=count, label="Verifying", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            found = chain.inspect(now, walked=bar.update)
    click.echo(f"{found.checked} events are chained, {found.unsealed} not yet; head {found.head.hex()}")
    if found.findings:
        for line in _broken(found):
            click.echo(line, err=True)
        raise click.exceptions.Exit(MISCONFIGURED)


@command.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=1000, show_default=True)
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.audit_chain,
    lambda provider: provider.clock(),
)
def seal(database: "OwnDatabase", chain: "AuditChain", now: "datetime", limit: int) -> None:
    """Chain the latest events now instead of within a minute; before a backup, for example.

    Takes events of a clock that was far behind, too.
    """
    with database.unit_of_work():
        click.echo(f"{chain.seal(now, limit=limit, everything=True)} events chained")


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


def _broken(found: "Inspected") -> Iterator[str]:
    for finding in found.findings:
        yield f"BROKEN at {_place(finding)}: {finding.damage.value}"
    if found.untold:
        yield f"and {found.untold} more"
    yield REMEDY


def _place(finding: "Finding") -> str:
    position = "" if finding.position is None else f"{finding.position}"
    row = "" if finding.row_id is None else f"row {finding.row_id}"
    return ", ".join(filter(None, (position, row))) or "its ends"


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
