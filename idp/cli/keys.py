"""`idp keys`: make, list, promote and retire the provider's keys; workers notice a change without a restart."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli.opening import now, open_settings

if TYPE_CHECKING:
    from idp.core.oidc.keys.keyring import SigningKey


_DASHED = {"ignore_unknown_options": True}
"""An id may begin with a hyphen."""


@click.group("keys")
def command() -> None:
    """The provider's signing keys and secrets."""


@command.command()
def init() -> None:
    """Make whatever is missing: a signing key per algorithm, and every secret."""
    from idp.adapters.keys.files import init_keys

    directory = open_settings().keys.directory
    made = init_keys(directory, now())
    for path in made:
        click.echo(f"made {path}")
    if not made:
        click.echo(f"{directory}: nothing is missing")


@command.command("list")
def list_all() -> None:
    """Every signing key: what it signs, where it is in its life, and since when."""
    from idp.adapters.keys.files import list_keys, load_keys

    directory, moment = open_settings().keys.directory, now()
    load_keys(directory)
    for key in list_keys(directory):
        click.echo(f"{key.alg:6} {key.state(moment):8} {key.kid}  {_dates(key, moment)}")


@command.command()
@click.argument("alg")
@click.option(
    "--next-for",
    type=click.IntRange(min=0, max=8_760),
    metavar="HOURS",
    help="Published so long before it signs; else keys.next_for. 0: signs at once, for when no key is left.",
)
def new(alg: str, next_for: int | None) -> None:
    """Make a key for ALG: published now, signing later, so that no relying party meets an unknown key."""
    from idp.adapters.keys.files import new_key

    keys = open_settings().keys
    _remove_expired(keys.directory)
    published = keys.next_for if next_for is None else timedelta(hours=next_for)
    key = new_key(keys.directory, _named(alg), now(), next_for=published)
    click.echo(f"made {key.kid}; it signs {key.alg} from {_when(key.activates_at)}, when its predecessor retires")


@command.command(context_settings=_DASHED)
@click.argument("kid")
def promote(kid: str) -> None:
    """Let the key KID sign from now on; for when the present key must go at once."""
    from idp.adapters.keys import files

    directory = open_settings().keys.directory
    _remove_expired(directory)
    key = files.promote(directory, _whole(kid), now())
    click.echo(f"{key.kid} signs {key.alg} from now on")


@command.command(context_settings=_DASHED)
@click.argument("kid")
def retire(kid: str) -> None:
    """Stop the key KID from signing; it stays published, so that its signatures still verify."""
    from idp.adapters.keys import files

    directory = open_settings().keys.directory
    _remove_expired(directory)
    key = files.retire(directory, _whole(kid), now())
    until = _when(now() + files.RETIRED_FOR)
    click.echo(
        f"{key.kid} signs no more; it stays published until {until}, and goes with the first `idp keys new` after"
    )


def _remove_expired(directory: Path) -> None:
    from idp.adapters.keys.files import remove_expired

    for kid in remove_expired(directory, now()):
        click.echo(f"removed {kid}, which was retired for so long that nothing it signed counts any more")


def _named(alg: str) -> str:
    """The algorithm as it is spelled; people write es256."""
    from idp.core.oidc.keys.keyring import SIGNING_ALGS

    return next((known for known in SIGNING_ALGS if known.lower() == alg.lower()), alg)


def _whole(kid: str) -> str:
    """The one key whose id begins so; what is ambiguous or unknown stays as it is and is refused by name."""
    from idp.adapters.keys.files import list_keys

    found = [key.kid for key in list_keys(open_settings().keys.directory) if key.kid.startswith(kid)]
    return found[0] if len(found) == 1 else kid


def _dates(key: "SigningKey", moment: datetime) -> str:
    if key.retires_at is not None and key.retires_at <= moment:
        return f"retired {_when(key.retires_at)}"
    since = f"{'since' if key.activates_at <= moment else 'from'} {_when(key.activates_at)}"
    return since + (f" until {_when(key.retires_at)}" if key.retires_at else "")


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
