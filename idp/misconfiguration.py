"""Misconfiguration: what is wrong with a file or a setting, in lines for the operator who can mend it."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Misconfiguration(Exception):
    """Another try is in vain until somebody mends it; the command line says `lines` and ends with exit code 2."""

    path: Path | None = None
    """The file at fault, where the lines do not say which setting names it."""

    @property
    def lines(self) -> Sequence[str]:
        return (str(self),)


class Mistakes(Misconfiguration):
    """All that is wrong, found at once: `lines` has one line per mistake, which names its place."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self._lines = tuple(lines)

    @property
    def lines(self) -> Sequence[str]:
        return self._lines


def read_toml(path: Path, problem: type[Mistakes]) -> dict[str, Any]:
    """Read a file that an operator wrote. Raises `problem`, which names it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise problem([f"{path}: cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise problem([f"{path}: is not TOML: {error}"]) from None
