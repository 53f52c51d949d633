"""`idp secrets`: rotate what encrypts, hashes and marks, and drive out a version that leaked, while people log in."""

import getpass
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

import click

from idp.cli.problems import Problem
from idp.cli.progress import bar
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from idp.assembly.own_database import OwnDatabase
    from idp.core.oidc.keys.reference_tokens import SecretKey
    from idp.core.oidc.keys.rotation import Held, Reencryption, Rotation

_ROTATED = ("tokens", "pepper", "fields", "audit", "evidence")
_NAME = click.argument("name", type=click.Choice(_ROTATED), metavar=f"[{'|'.join(_ROTATED)}]")


@click.group("secrets")
def command() -> None:
    """The versions of the provider's secrets. What has them: `idp keys init`."""


@command.command("list")
@given(lambda provider: provider.own_database, lambda provider: provider.rotation, lambda provider: provider.clock())
def list_all(database: "OwnDatabase", rotation: "Rotation", now: datetime) -> None:
    """Every version: since when it is there, whether it is in use, and what hangs on it."""
    with database.opened():
        for name in _ROTATED:
            versions = rotation.files.versions(name)
            held = rotation.use.held(name, versions, now)
            for secret in versions:
                click.echo(f"{name:7} {secret.version:3}  {_life(secret, versions, now)}")
                for each in held.get(secret.version, ()):
                    click.echo(f"             {_told(each)}")


@command.command()
@_NAME
@click.option(
    "--used-after",
    type=click.IntRange(min=0, max=43_200),
    metavar="MINUTES",
    default=2,
    show_default=True,
    help="Closes nothing before; as long as it takes to bring the file to every node that has a copy of it.",
)
@given(lambda provider: provider.own_database, lambda provider: provider.rotation, lambda provider: provider.clock())
def new(database: "OwnDatabase", rotation: "Rotation", now: datetime, name: str, used_after: int) -> None:
    """Add a version, which every node takes up without a restart; old ones still open what they closed."""
    with database.unit_of_work():
        made = rotation.new(name, now, used_after=timedelta(minutes=used_after), operator=getpass.getuser())
    if made is None:
        raise Problem(f"{name}: all 255 numbers of versions are used up")
    click.echo(f"made version {made.version} of {name}; it is used from {_when(made.used_from or now)}")
    click.echo(_after_new(name))


@command.command()
@_NAME
@given(
    lambda provider: provider.own_database,
    lambda provider: provider.rotation,
    lambda provider: provider.reencryption,
    lambda provider: provider.clock(),
)
def reencrypt(
    database: "OwnDatabase", rotation: "Rotation", reencryption: "Reencryption", now: datetime, name: str
) -> None:
    """Write again under the version in use whatever an older one closed; it may be stopped and begun again at any time."""
    if not reencryption.places(name):
        raise Problem(f"{name}: nothing under it can be written again; {_after_new(name)}")
    if waiting := next((each for each in rotation.files.versions(name) if not each.is_used(now)), None):
        raise Problem(f"{name}: version {waiting.version} is not used before {_when(waiting.used_from or now)}")
    with database.opened():
        left = {where: reencryption.left(name, where) for where in reencryption.places(name)}
    columns = [(name, where) for where, count in left.items() if count]
    with bar("Re-encrypting") as progress:
        done, unreadable = _through(
            database, reencryption, columns, lambda so_far: progress(so_far, sum(left.values()))
        )
    click.echo(f"{done} fields written again")
    if unreadable:
        raise Problem(
            *(f"{where}: {count} rows cannot be read, and stay as they are" for where, count in unreadable.items())
        )


def _through(
    database: "OwnDatabase",
    reencryption: "Reencryption",
    columns: "Sequence[tuple[str, str]]",
    told: "Callable[[int], object]",
) -> "tuple[int, Mapping[str, int]]":
    """Batch by batch, each in a unit of work of its own; how many fields were renewed, and how many of which column were not."""
    renewed, unreadable = 0, Counter[str]()
    for name, where in columns:
        after: str | None = ""
        while after is not None:
            with database.database.unit_of_work():
                batch = reencryption.batch(name, where, after)
            renewed, after = renewed + batch.renewed, batch.last
            unreadable.update({where: batch.unreadable} if batch.unreadable else {})
            told(renewed)
    return renewed, unreadable


@command.command()
@_NAME
@click.argument("version", type=click.IntRange(1, 255))
@click.option(
    "--give-up",
    is_flag=True,
    help="Give up what would end by itself: counted tries (guessers get theirs back), and of tokens everybody's logins.",
)
@given(lambda provider: provider.own_database, lambda provider: provider.rotation, lambda provider: provider.clock())
def retire(
    database: "OwnDatabase", rotation: "Rotation", now: datetime, name: str, version: int, *, give_up: bool
) -> None:
    """Delete VERSION for good, and its mark in the database; refused while anything hangs on it."""
    from idp.core.oidc.keys.rotation import InUse, Retired, StillHeld, Unknown

    with database.unit_of_work():
        done = rotation.retire(name, version, now, operator=getpass.getuser(), give_up=give_up)
    match done:
        case Unknown():
            raise Problem(f"{name}: has no version {version}")
        case InUse():
            raise Problem(
                f"{name}: version {version} is in use, or was a minute ago; run `idp secrets new {name}` first"
            )
        case StillHeld(held):
            raise Problem(
                f"{name}: these hang on version {version}", *(f"  {_told(each)}; {_help(name, each)}" for each in held)
            )
        case Retired(given_up):
            rotation.remove(name, version)
            for each in given_up:
                click.echo(f"GIVEN UP: {_told(each)}", err=True)
            click.echo(
                f"version {version} of {name} is gone; delete it from the backups of the keys and from other nodes' copies"
            )
        case _:
            assert_never(done)


def _life(secret: "SecretKey", versions: "Sequence[SecretKey]", now: datetime) -> str:
    since = f"made {_when(secret.made_at)}" if secret.made_at is not None else "made before dates were kept"
    if not secret.is_used(now):
        return f"{since}, used from {_when(secret.used_from or now)}"
    in_use = next((each for each in versions if each.is_used(now)), versions[-1])
    return f"{since}, {'in use' if secret is in_use else 'only opens what it closed'}"


def _told(held: "Held") -> str:
    until = "" if held.until is None else f", the last until {_when(held.until)}"
    return f"{held.place}: {held.rows} rows{until}"


def _help(name: str, held: "Held") -> str:
    from idp.core.oidc.keys.rotation import Remedy

    match held.remedy:
        case Remedy.REENCRYPT:
            return f"run `idp secrets reencrypt {name}`"
        case Remedy.WAIT:
            return "wait, or say --give-up when the version has leaked"
        case Remedy.STAYS:
            return "they go with the oldest part of the audit log"
        case _:
            assert_never(held.remedy)


def _after_new(name: str) -> str:
    return {
        "fields": "then run `idp secrets reencrypt fields`",
        "pepper": "then run `idp secrets reencrypt pepper`",
        "tokens": "codes and tokens of older versions end by themselves",
        "evidence": "give auditors the new thumbprint (`idp evidence keys`); what older versions sealed is verified as before",
        "audit": "an hour later nothing that an older version marks gets a place in the log",
    }[name]


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
