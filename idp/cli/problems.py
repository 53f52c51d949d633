"""Problems: what an operator has to mend, one per line on standard error, with exit code 2."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from idp.misconfiguration import Misconfiguration

MISCONFIGURED = 2
"""Exit code of everything that another try will not mend."""
_PLACE = "idp.place"
_REFUSALS = ("DBAPIError", "ArgumentError", "TimeoutError")


class Problem(click.ClickException):
    """One or more lines for the operator; never a traceback."""

    exit_code = MISCONFIGURED

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines

    def show(self, file: object = None) -> None:  # noqa: ARG002 - always standard error
        for line in self.lines:
            click.echo(line, err=True)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what configuration, keys, certificates, clients and the database refuse into a Problem."""
    try:
        yield
    except Exception as error:
        lines = _lines(error)
        if lines is None:
            raise
        raise Problem(*lines) from None


def _lines(error: Exception) -> Sequence[str] | None:
    """What the error says to an operator; None for a bug."""
    if isinstance(error, Misconfiguration):
        place = _place(error.path) if error.path is not None else ""
        return [f"{place}{line}" for line in error.lines]
    if isinstance(error, OSError) and error.filename is not None:
        return [f"{_place(Path(str(error.filename)))}{error.filename}: {error.strerror}"]
    return _database(error) if _is_of_the_database(error) else None


def name_files_by(place: Callable[[Path], str]) -> None:
    """From now on a file that cannot be used is named with the settings file and key that chose it."""
    click.get_current_context().meta[_PLACE] = place


def _place(path: Path) -> str:
    context = click.get_current_context(silent=True)
    place = context.meta.get(_PLACE) if context else None
    return str(place(path)) if place else ""


def _is_of_the_database(error: Exception) -> bool:
    """Looked up by name: a command that opened no database has not imported what would say so."""
    library = sys.modules.get("sqlalchemy.exc")
    kinds = tuple(getattr(library, name) for name in _REFUSALS) if library is not None else ()
    return isinstance(error, kinds)


def _database(error: Exception) -> Sequence[str]:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return [f"database: {said[0] if said else type(error).__name__}"]
