"""`idp keys`: make, list, promote and retire the provider's keys; workers notice a change without a restart."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from idp.cli.problems import Problem
from idp.cli.with_provider import given

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from idp import settings
    from idp.assembly.secrets import OwnSecrets
    from idp.core.oidc.keys.keyring import SigningKey
    from idp.core.oidc.keys.make_keys import MakeKeys
    from idp.core.oidc.keys.ports import KeyChanges, Keys


_DASHED = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""An id may begin with a hyphen, and go on with an h."""


@click.group("keys")
def command() -> None:
    """The provider's signing keys and secrets."""


@command.command()
@click.option(
    "--replace-tokens",
    is_flag=True,
    help="Make another token secret for one that is lost for good: every code and token ends, and people log in again.",
)
@given(
    lambda provider: provider.make_keys,
    lambda provider: provider.own_secrets,
    lambda provider: provider.settings.keys.directory,
    lambda provider: provider.clock(),
)
def init(
    make_keys: "MakeKeys", own_secrets: "OwnSecrets", directory: "Path", now: datetime, *, replace_tokens: bool
) -> None:
    """Make whatever is missing: a signing key per algorithm, and every secret that the database does not know."""
    from idp.core.oidc.keys.make_keys import DatabaseSilent, InUse, Made

    done = make_keys(now, replacing=["tokens"] if replace_tokens else [])
    match done:
        case InUse(names):
            raise Problem(*(_in_use(own_secrets.path(name), name) for name in names))
        case DatabaseSilent(names):
            raise Problem(
                f"{', '.join(names)}: missing, and the database does not answer whether it was filled with them; start it first"
            )
        case Made(files):
            _say_made(directory, files)


def _say_made(directory: "Path", files: "Sequence[Path]") -> None:
    for path in files:
        click.echo(f"made {path}")
    if not files:
        click.echo(f"{directory}: nothing is missing")


@command.command("list")
@given(lambda provider: provider.keys, lambda provider: provider.key_changes, lambda provider: provider.clock())
def list_all(_readable: "Keys", key_changes: "KeyChanges", now: datetime) -> None:
    """Every signing key: what it signs, where it is in its life, and since when.

    A secret that is missing or open to others is said, too.
    """
    for key in key_changes.all():
        click.echo(f"{key.alg:6} {key.state(now):8} {key.kid}  {_dates(key, now)}")


@command.command()
@click.argument("alg")
@click.option(
    "--next-for",
    type=click.IntRange(min=0, max=8_760),
    metavar="HOURS",
    help="Published so long before it signs; else keys.next_for. 0: signs at once, for when no key is left.",
)
@given(
    lambda provider: provider.key_changes, lambda provider: provider.settings.keys, lambda provider: provider.clock()
)
def new(key_changes: "KeyChanges", chosen: "settings.Keys", now: datetime, alg: str, next_for: int | None) -> None:
    """Make a key for ALG: published now, signing later, so that no relying party meets an unknown key."""
    _remove_expired(key_changes, now)
    published = chosen.next_for if next_for is None else timedelta(hours=next_for)
    key = key_changes.new(_named(alg), now, next_for=published)
    click.echo(f"made {key.kid}; it signs {key.alg} from {_when(key.activates_at)}, when its predecessor retires")


@command.command(context_settings=_DASHED)
@click.argument("kid")
@given(lambda provider: provider.key_changes, lambda provider: provider.clock())
def promote(key_changes: "KeyChanges", now: datetime, kid: str) -> None:
    """Let the key KID sign from now on; for when the present key must go at once."""
    _remove_expired(key_changes, now)
    key = key_changes.promote(_whole(key_changes, kid), now)
    click.echo(f"{key.kid} signs {key.alg} from now on")


@command.command(context_settings=_DASHED)
@click.argument("kid")
@given(lambda provider: provider.key_changes, lambda provider: provider.clock())
def retire(key_changes: "KeyChanges", now: datetime, kid: str) -> None:
    """Stop the key KID from signing; it stays published, so that its signatures still verify."""
    from idp.core.oidc.keys.keyring import RETIRED_FOR

    _remove_expired(key_changes, now)
    key = key_changes.retire(_whole(key_changes, kid), now)
    until = _when(now + RETIRED_FOR)
    click.echo(
        f"{key.kid} signs no more; it stays published until {until}, and goes with the first `idp keys new` after"
    )


def _in_use(path: "Path", name: str) -> str:
    lost = {
        "tokens": "with another one every code and token ends; if it is lost for good, say --replace-tokens",
        "pepper": "with another one nobody who has an account would be found",
        "fields": "with another one no name and no address could be read",
        "identity": "with another one every partner would take everybody for somebody else",
        "audit": "with another one the whole audit log would look forged",
    }
    return f"{path}: is missing, and the database was filled with it; restore it from the backup: {lost[name]}"


def _remove_expired(key_changes: "KeyChanges", now: datetime) -> None:
    for kid in key_changes.remove_expired(now):
        click.echo(f"removed {kid}, which was retired for so long that nothing it signed counts any more")


def _named(alg: str) -> str:
    """The algorithm as it is spelled; people write es256."""
    from idp.core.oidc.keys.algorithms import SIGNING_ALGS

    return next((known for known in SIGNING_ALGS if known.lower() == alg.lower()), alg)


def _whole(key_changes: "KeyChanges", kid: str) -> str:
    """The one key whose id begins so; what is ambiguous or unknown stays as it is and is refused by name."""
    found = [key.kid for key in key_changes.all() if key.kid.startswith(kid)]
    return found[0] if len(found) == 1 else kid


def _dates(key: "SigningKey", moment: datetime) -> str:
    if key.retires_at is not None and key.retires_at <= moment:
        return f"retired {_when(key.retires_at)}"
    since = f"{'since' if key.activates_at <= moment else 'from'} {_when(key.activates_at)}"
    return since + (f" until {_when(key.retires_at)}" if key.retires_at else "")


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
