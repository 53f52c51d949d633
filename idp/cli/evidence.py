"""`idp evidence`: what somebody did and what proves it: look at it, verify it, take it out for an auditor."""

import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.masking import initials
from idp.cli.problems import MISCONFIGURED, Problem
from idp.cli.progress import bar
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from idp.assembly.evidence import Archive
    from idp.assembly.own_database import OwnDatabase
    from idp.core.evidence.verify_evidence import ProvedIdentification, Refused, Verified

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("evidence")
def command() -> None:
    """Evidence of logins, registrations, links, consents and freezes."""


@command.command()
@click.argument("reference")
@click.option("--full", is_flag=True, help="Show personal number and name unmasked; it is noted in the audit log.")
@given(lambda provider: provider.own_database, lambda provider: provider.archive, lambda provider: provider.clock())
def show(database: "OwnDatabase", archive: "Archive", now: datetime, reference: str, *, full: bool) -> None:
    """Show evidence by its reference, or all of a login by the authentication's id, and whether it holds."""
    from idp.core.evidence.verify_evidence import Refused

    with database.unit_of_work():
        found = archive.show(reference, now, operator=getpass.getuser(), unmasked=full)
    if not found:
        raise Problem(f"{reference}: no evidence has this reference; `idp audit show PERSON` names those of a person")
    for each in found:
        click.echo("\n".join(_refusal(each) if isinstance(each, Refused) else _lines(each, full=full)))
    if any(isinstance(each, Refused) for each in found):
        raise click.exceptions.Exit(MISCONFIGURED)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--all", "everything", is_flag=True, help="Verify all that is kept here, instead of a file.")
@click.option("--seal", "seals", multiple=True, help="Thumbprint of a key that may have sealed; may be given again.")
@click.option("--root", "roots", multiple=True, help="SHA-256 of BankID's root certificate; may be given again.")
def verify(file: Path | None, seals: tuple[str, ...], roots: tuple[str, ...], *, everything: bool) -> None:
    """Verify an export without settings, keys or database; exit code 2 when anything does not hold.

    What is not pinned by --seal and --root is printed, to be compared with what PreZero and BankID say on another way.
    """
    if everything == (file is not None):
        raise Problem("Say either a FILE or --all.")
    if file is None:
        _verify_all()
    else:
        _verify_file(file, seals, roots)


@command.command()
@click.argument("file", type=_FILE)
@click.option("--person", "person_id", help="Of this person alone, by id.")
@click.option("--customer", "number", help="About the company with this customer number alone.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Of this day (UTC) and later.")
@given(lambda provider: provider.own_database, lambda provider: provider.archive, lambda provider: provider.clock())
def export(
    database: "OwnDatabase",
    archive: "Archive",
    now: datetime,
    file: Path,
    person_id: str | None,
    number: str | None,
    since: datetime | None,
) -> None:
    """Write evidence to a new file, which verifies without us; it is as personal as what was signed."""
    from idp.core.evidence.ports import Selection

    from_day = since.replace(tzinfo=UTC) if since is not None else None
    with database.unit_of_work():
        customer_id = archive.evidence.customer_of(number) if number is not None else None
        if number is not None and customer_id is None:
            raise Problem(f"{number}: no customer has this number")
        selection = Selection(person_id=person_id, customer_id=customer_id, since=from_day)
        count = archive.export.note(selection, now, operator=getpass.getuser())
    with database.opened(), bar("Writing") as progress:
        _write(file, archive.export.lines(selection, now), lambda done: progress(done, count))
    click.echo(f"{count} bundles in {file}; sealed by {archive.thumbprints()[0]}")


@command.command()
@given(lambda provider: provider.archive)
def keys(archive: "Archive") -> None:
    """Show the thumbprints of the keys that seal, the newest first. Give them to auditors on another way than exports."""
    for thumbprint in archive.thumbprints():
        click.echo(thumbprint)


@given(lambda provider: provider.own_database, lambda provider: provider.archive, lambda provider: provider.clock())
def _verify_all(database: "OwnDatabase", archive: "Archive", now: datetime) -> None:
    with database.unit_of_work(), bar("Verifying") as progress:
        count, refused = archive.verify(now, operator=getpass.getuser(), progress=progress)
    _conclude(count - len(refused), refused)


def _verify_file(file: Path, seals: tuple[str, ...], roots: tuple[str, ...]) -> None:
    from idp.assembly.evidence import make_verifier
    from idp.core.evidence.export_file import LONGEST_LINE, Whole, verify_export
    from idp.core.evidence.verify_evidence import Pins, Refused, Verified

    pins = Pins(seals=frozenset(seals), roots=frozenset(root.replace(":", "").lower() for root in roots))
    refused, holding, sealed_by, rooted_in = list[Refused](), 0, set[str](), set[str]()
    with file.open("rb") as lines, bar("Verifying") as progress:
        size = file.stat().st_size
        for found in verify_export(iter(lambda: lines.readline(LONGEST_LINE), b""), make_verifier(pins)):
            progress(lines.tell(), size)
            match found:
                case Refused():
                    refused.append(found)
                case Whole():
                    pass
                case Verified():
                    holding += 1
                    sealed_by.add(found.seal)
                    rooted_in |= {found.proved.root or "(none was sealed with it)"} if found.proved else set()
    for thumbprint in sorted(sealed_by) if not seals else ():
        click.echo(f"sealed by {thumbprint}: compare it with what the provider gave you")
    for root in sorted(rooted_in) if not roots else ():
        click.echo(f"BankID's root {root}: compare it with what BankID gives out")
    _conclude(holding, refused)


def _conclude(holding: int, refused: "Iterable[Refused]") -> None:
    wrong = list(refused)
    click.echo(f"{holding} bundles hold, {len(wrong)} refused")
    for each in wrong:
        click.echo("\n".join(_refusal(each)), err=True)
    if wrong:
        raise click.exceptions.Exit(MISCONFIGURED)


def _write(file: Path, lines: Iterable[bytes], progress: Callable[[int], None]) -> None:
    """For the owner alone, and never over another file."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        for done, line in enumerate(lines, 1):
            written.write(line)
            progress(done)


def _refusal(refused: "Refused") -> Iterator[str]:
    yield f"{refused.reference}  DOES NOT HOLD: {refused.reason}"


def _lines(found: "Verified", *, full: bool) -> Iterator[str]:
    bundle, act = found.bundle, found.bundle.act
    yield f"{bundle.reference}  {act.kind}  {act.at:%Y-%m-%d %H:%M:%S} UTC  holds"
    ids = {"person": act.person_id, "customer": act.customer_id, "client": act.client_id}
    facts = {name: " ".join(fact) if isinstance(fact, tuple) else fact for name, fact in act.facts.items()}
    yield "    " + "  ".join(f"{name} {value}" for name, value in (ids | facts).items() if value is not None)
    if found.proved is not None:
        yield from _proved(found.proved, full=full)
    if bundle.rests_on is not None:
        yield f"    after the login {bundle.rests_on.reference}"
    yield f"    sealed by {found.seal}, digest {found.sha256}"


def _proved(proved: "ProvedIdentification", *, full: bool) -> Iterator[str]:
    person = proved.person if full else f"{proved.person[:4]}…"
    yield f"    approved by {proved.person_name if full else initials(proved.person_name)}, {person}"
    if proved.shown is not None:
        yield f"    who read: {' '.join(proved.shown.split())}"
    yield f"    for {proved.relying_party}"
    yield f"    BankID of {proved.issuer}, certificate {proved.serial_number}"
    yield f"    which was valid from {proved.valid_from:%Y-%m-%d} to {proved.valid_to:%Y-%m-%d}"
    yield f"    root {proved.root or 'unknown: none was configured'}"
