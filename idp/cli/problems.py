"""Problems: what an operator has to mend, each on a line of its own on standard error, with exit code 2."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

MISCONFIGURED = 2
"""Exit code of everything that another try will not mend."""
_PLACE = "idp.place"


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
    """What the error says to an operator; None for a bug. Looked up by name, so that nothing is imported to fail."""
    for module, name, read in _KNOWN:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return read(error)
    if isinstance(error, OSError) and error.filename is not None:
        return [f"{_place(Path(str(error.filename)))}{error.filename}: {error.strerror}"]
    return None


def name_files_by(place: Callable[[Path], str]) -> None:
    """From now on a file that cannot be used is named with the settings file and key that chose it."""
    click.get_current_context().meta[_PLACE] = place


def _place(path: Path) -> str:
    context = click.get_current_context(silent=True)
    place = context.meta.get(_PLACE) if context else None
    return str(place(path)) if place else ""


def _each(error: Exception) -> Sequence[str]:
    return [str(line) for line in getattr(error, "problems", ())]


def _whole(error: Exception) -> Sequence[str]:
    return [str(error)]


def _certificate(error: Exception) -> Sequence[str]:
    return [f"{_place(Path(str(getattr(error, 'path', ''))))}{error}"]


def _database(error: Exception) -> Sequence[str]:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return [f"database: {said[0] if said else type(error).__name__}"]


_KNOWN: Sequence[tuple[str, str, Callable[[Exception], Sequence[str]]]] = (
    ("idp.settings_file", "SettingsProblem", _each),
    ("idp.adapters.client_files", "ClientProblems", _each),
    ("idp.adapters.keys.directory", "KeyProblem", _whole),
    ("idp.adapters.bankid.certificate", "CertificateProblem", _certificate),
    ("idp.adapters.customer_files.spreadsheet", "UnreadableFileError", _whole),
    ("sqlalchemy.exc", "DBAPIError", _database),
    ("sqlalchemy.exc", "ArgumentError", _database),
    ("sqlalchemy.exc", "TimeoutError", _database),
)
