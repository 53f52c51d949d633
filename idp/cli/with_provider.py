"""Opening: the provider that a command was called for, assembled when the command begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from idp.cli.command import config_path
from idp.cli.problems import name_files_by

if TYPE_CHECKING:
    from idp.assembly.provider import Provider
    from idp.assembly.store import Store
    from idp.settings import Settings

_Options = ParamSpec("_Options")
_Result = TypeVar("_Result")


def pass_provider(
    command: "Callable[Concatenate[Provider, _Options], _Result]",
) -> "Callable[_Options, _Result]":
    """Give a command its provider as the first argument, and let go of what the command opened when it ends."""

    @wraps(command)
    def with_provider(*arguments: _Options.args, **options: _Options.kwargs) -> _Result:
        from idp.assembly.provider import assemble

        provider = assemble(open_settings())
        click.get_current_context().call_on_close(provider.close)
        return command(provider, *arguments, **options)

    return with_provider


def open_settings() -> "Settings":
    """Read the settings that the command was given. Raises SettingsProblem."""
    from idp.settings_file import key_of, load_settings

    path = config_path()
    settings = load_settings(path)
    name_files_by(lambda file: f"{path}: {key}: " if (key := key_of(file, settings)) else "")
    return settings


@contextmanager
def open_store(provider: "Provider") -> "Iterator[Store]":
    """Have a connection to a database with our schema and our secrets. Raises KeyProblem, SchemaProblem and SecretsProblem."""
    store = provider.store
    with provider.database.opened():
        provider.installation.require_schema()
        provider.own_secrets.require()
        yield store
