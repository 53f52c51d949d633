"""Misconfiguration: what is wrong with a file or a setting, in lines for the operator who can mend it."""

from collections.abc import Sequence
from pathlib import Path


class Misconfiguration(Exception):
    """Another try is in vain until somebody mends it; the command line says `lines` and ends with exit code 2."""

    path: Path | None = None
    """The file at fault, where the lines do not say which setting names it."""

    @property
    def lines(self) -> Sequence[str]:
        return (str(self),)
