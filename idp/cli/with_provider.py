"""The opener: a command is given those parts of its provider that its signature names, and nothing else of it."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

import click

from idp.cli.command import config_path
from idp.cli.problems import name_files_by

if TYPE_CHECKING:
    from idp.assembly.provider import Provider
    from idp.settings import Settings

_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_D = TypeVar("_D")
_E = TypeVar("_E")
_Options = ParamSpec("_Options")
_Result = TypeVar("_Result")


@overload
def given(
    a: "Callable[[Provider], _A]", /
) -> Callable[[Callable[Concatenate[_A, _Options], _Result]], Callable[_Options, _Result]]: ...
@overload
def given(
    a: "Callable[[Provider], _A]", b: "Callable[[Provider], _B]", /
) -> Callable[[Callable[Concatenate[_A, _B, _Options], _Result]], Callable[_Options, _Result]]: ...
@overload
def given(
    a: "Callable[[Provider], _A]", b: "Callable[[Provider], _B]", c: "Callable[[Provider], _C]", /
) -> Callable[[Callable[Concatenate[_A, _B, _C, _Options], _Result]], Callable[_Options, _Result]]: ...
@overload
def given(
    a: "Callable[[Provider], _A]",
    b: "Callable[[Provider], _B]",
    c: "Callable[[Provider], _C]",
    d: "Callable[[Provider], _D]",
    /,
) -> Callable[[Callable[Concatenate[_A, _B, _C, _D, _Options], _Result]], Callable[_Options, _Result]]: ...
@overload
def given(
    a: "Callable[[Provider], _A]",
    b: "Callable[[Provider], _B]",
    c: "Callable[[Provider], _C]",
    d: "Callable[[Provider], _D]",
    e: "Callable[[Provider], _E]",
    /,
) -> Callable[[Callable[Concatenate[_A, _B, _C, _D, _E, _Options], _Result]], Callable[_Options, _Result]]: ...
def given(*parts: "Callable[[Provider], Any]") -> Callable[[Callable[..., _Result]], Callable[..., _Result]]:
    """Call a command with these parts before its arguments, and let go of what it opened when it ends.

    The provider is assembled when the command begins, and the parts are made in this order, so that `--help` reads no file.
    """

    def decorate(command: Callable[..., _Result]) -> Callable[..., _Result]:
        @wraps(command)
        def with_parts(*arguments: Any, **options: Any) -> _Result:
            provider = _open_provider()
            return command(*(part(provider) for part in parts), *arguments, **options)

        return with_parts

    return decorate


def _open_provider() -> "Provider":
    from idp.assembly.provider import assemble

    provider = assemble(open_settings())
    click.get_current_context().call_on_close(provider.close)
    return provider


def open_settings() -> "Settings":
    """Read the settings that the command was given. Raises SettingsProblem."""
    from idp.settings_file import key_of, load_settings

    path = config_path()
    settings = load_settings(path)
    name_files_by(lambda file: f"{path}: {key}: " if (key := key_of(file, settings)) else "")
    return settings
