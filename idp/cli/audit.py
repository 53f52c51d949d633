"""`idp audit`: prove that the audit log is as it was written, and read what happened to a person."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.private_file import private_file
from idp.cli.problems import MISCONFIGURED, Problem
from idp.cli.progress import bar
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from idp.assembly.audit import AuditProof
    from idp.assembly.own_database import OwnDatabase
    from idp.core.audit_chain.anchor import Anchors
    from idp.core.audit_chain.inspection import Finding, Inspected, Seal
    from idp.core.audit_log import Audit, AuditChain, AuditLog, Recorded


REMEDY = (
    "Copy the database, the anchors and the logs before anything else is done; compare the first place with the latest backup "
    "in which the log verifies; and ask who could write to the database in between. Then `idp audit begin-again --case ID` begins a new "
    "chain over what is left."
)


@click.group("audit")
def command() -> None:
    """What happened, to whom."""


@command.command()
@click.option(
    "--anchors", type=click.Path(path_type=Path), help="A file of anchors; else the one in audit.anchor_file."
)
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.audit_chain,
    lambda provider: provider.audit_proof,
    lambda provider: provider.clock(),
)
def verify(
    database: "OwnDatabase", chain: "AuditChain", proof: "AuditProof", now: "datetime", anchors: Path | None
) -> None:
    """Walk along the whole log; exit code 2 when a row was changed, removed, put in, moved or dated back.

    Without anchors nobody sees that an older state of the database was put in place of this one.
    """
    kept = _anchors(proof, anchors)
    with database.opened(), _counted("Verifying", chain) as walked:
        found = chain.inspect(now, anchors=kept.links, walked=walked)
    click.echo(
        f"{found.checked} events are chained, {found.unsealed} not yet; {found.anchors} anchors fit; head {found.head.hex()}"
    )
    _require_whole(found, kept)


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
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.audit_chain,
    lambda provider: provider.audit_proof,
    lambda provider: provider.clock(),
)
def export(database: "OwnDatabase", chain: "AuditChain", proof: "AuditProof", now: "datetime", file: Path) -> None:
    """Write every chained event to FILE for an auditor, with what a verification finds, and sign it.

    config/README.md describes the format. Exit code 2 when the verification finds something, which is in the file, too.
    """
    kept = _anchors(proof, None)
    with private_file(file) as written, database.opened(), _counted("Exporting", chain) as walked:
        exported = proof.export(written.write)
        exported.begin(proof.settings.issuer, now)

        def write(seals: "Sequence[Seal]") -> None:
            exported.rows(seals)
            walked(seals)

        found = chain.inspect(now, anchors=kept.links, walked=write)
        exported.end(found)
    click.echo(f"{exported.count} events written to {file}, signed by the key {proof.key_id}")
    _require_whole(found, kept)


@command.command("begin-again")
@click.option("--case", "case_id", required=True, help="Where it is written down what was found, and why.")
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.store.audit_chain,
    lambda provider: provider.store.audit,
    lambda provider: provider.audit_proof,
    lambda provider: provider.clock(),
)
def begin_again(
    database: "OwnDatabase", chain: "AuditChain", audit: "Audit", proof: "AuditProof", now: "datetime", case_id: str
) -> None:
    """Begin a new chain over what is left, after something was found or a backup was restored; that is an event, too.

    Refused while nothing is wrong. Anchors from before count no more, and rows that this provider did not write are deleted: copy the
    database first.
    """
    from idp.core.operator_events import AuditBegunAgain

    kept = _anchors(proof, None)
    with database.opened():
        found = chain.inspect(now, anchors=kept.links)
    findings = len(found.findings) + found.untold
    if not findings:
        raise Problem("the audit log is as it was written; nothing was done")
    with database.unit_of_work():
        done = chain.begin_again(now, after=max(kept.links, default=0))
        event = AuditBegunAgain(
            operator=getpass.getuser(),
            case_id=case_id,
            findings=findings,
            deleted=done.deleted,
            after_position=done.after_position,
        )
        audit.record(event, now)
    click.echo(
        f"a new chain of {done.kept} events begins after position {done.after_position}; {done.deleted} rows were deleted"
    )


@command.command()
@given(lambda provider: provider.audit_proof)
def key(proof: "AuditProof") -> None:
    """The thumbprint of the key that signs anchors and exports; tell it to an auditor on another way than the file."""
    click.echo(proof.key_id)


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


def _anchors(proof: "AuditProof", path: Path | None) -> "Anchors":
    from idp.core.audit_chain.anchor import AnchorFailed

    try:
        return proof.anchors(path)
    except AnchorFailed as failed:
        raise Problem(f"the anchors cannot be read, so nothing was compared: {failed}") from None


@contextmanager
def _counted(what: str, chain: "AuditChain") -> "Iterator[Callable[[Sequence[Seal]], None]]":
    """A bar that is told of batches."""
    in_all, done = chain.count(), 0
    with bar(what) as progress:

        def walked(seals: "Sequence[Seal]") -> None:
            nonlocal done
            done += len(seals)
            progress(done, in_all)

        yield walked


def _require_whole(found: "Inspected", kept: "Anchors") -> None:
    """Say what is broken, where, and what to do; ends the command unless nothing is."""
    if not found.findings and not kept.unreadable:
        return
    for finding in found.findings:
        click.echo(f"BROKEN at {_place(finding)}: {finding.damage.value}", err=True)
    if found.untold:
        click.echo(f"and {found.untold} more", err=True)
    if kept.unreadable:
        first, *others = kept.unreadable
        more = f", and {len(others)} more" if others else ""
        click.echo(f"BROKEN at line {first} of the anchors{more}: this provider did not sign it", err=True)
    click.echo(REMEDY, err=True)
    raise click.exceptions.Exit(MISCONFIGURED)


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
