"""A file that only its owner reads, written by a command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from idp.cli.problems import Problem


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """Open it empty; one that was there before loses its content and its mode. Raises Problem."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise Problem(f"{path}: cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        if path.is_file():
            os.fchmod(descriptor, 0o600)
        yield file
