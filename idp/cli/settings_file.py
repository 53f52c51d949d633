"""`idp settings`: the settings file with every key, its default and its meaning, made from the settings themselves."""

import textwrap
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from idp.settings import Settings

_WIDTH = 118
_HEAD = """\
# Settings of the identity provider. Every key is here; one with a # before it has the default that is shown.
#
# Relative paths are relative to this file. No secret is a value here, only a path to a file that holds it.
# Times are ISO 8601 ("PT30M", "P1D") or seconds. Unknown keys are refused; `idp doctor` examines the whole.
#
# Made by `idp settings`; do not change the comments by hand."""

CHOSEN = {
    "mode": '"production"',
    "issuer": '"https://id.example.se"',
    "database.url": '"postgresql+psycopg://idp@db.example.se/idp"',
    "database.password_file": '"../keys/database-password.txt"',
    "keys.directory": '"../keys"',
    "server.trusted_proxies": '["10.0.0.0/24"]',
    "bankid.api_url": '"https://appapi2.bankid.com/rp/v6.0"',
    "bankid.client_certificate": '"../keys/bankid.p12"',
    "bankid.passphrase_file": '"../keys/bankid-passphrase.txt"',
    "mail.sender": '"no-reply@example.se"',
    "mail.smtp_host": '"smtp.example.se"',
}
"""Keys that a real provider has to think about, with an example; they stand without a #."""
_NONE = '"…"'


@click.command("settings")
def command() -> None:
    """Print a settings file with every key, its default and its meaning."""
    click.echo(template(), nl=False)


def template() -> str:
    """The text of config/idp.toml."""
    return "\n".join([_HEAD, *_table(Settings, ""), ""])


def _table(model: type[BaseModel], path: str) -> Iterator[str]:
    """Plain keys first, then the tables: TOML gives every key after a table's head to that table."""
    tables: list[tuple[str, type[BaseModel]]] = []
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            tables.append((name, info.annotation))
            continue
        yield ""
        yield from _comment(info.description or "")
        yield _assignment(f"{path}{name}", name, info)
    for name, table in tables:
        yield ""
        yield ""
        yield from _comment((table.__doc__ or "").strip())
        yield f"[{path}{name}]"
        yield from _table(table, f"{path}{name}.")


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(" ".join(text.split()), _WIDTH):
        yield f"# {line}"


def _assignment(path: str, name: str, info: FieldInfo) -> str:
    if path in CHOSEN:
        return f"{name} = {CHOSEN[path]}"
    return f"# {name} = {_toml(info.get_default(call_default_factory=True))}"


def _toml(value: Any) -> str:
    match value:
        case None:
            return _NONE
        case bool():
            return "true" if value else "false"
        case Enum():
            return f'"{value.value}"'
        case int():
            return str(value)
        case timedelta():
            return f'"{_iso(value)}"'
        case dict():
            return f"{{ {', '.join(f'{name} = {_toml(one)}' for name, one in value.items())} }}" if value else "{}"
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case str() | Path():
            return _text(str(value))
        case _:
            raise TypeError(f"no way to write {type(value).__name__}")


def _text(value: str) -> str:
    """A literal string where there are backslashes, as in patterns; a basic one else (TOML 1.0, String)."""
    return f"'{value}'" if "\\" in value else f'"{value}"'


def _iso(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    for size, form in ((86_400, "P{}D"), (3600, "PT{}H"), (60, "PT{}M")):
        if seconds % size == 0:
            return form.format(seconds // size)
    return f"PT{seconds}S"
