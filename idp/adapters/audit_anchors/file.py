"""Anchors in a file, one line each, which lies best on another volume and can only be added to (`chattr +a`)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from idp.core.audit_chain.anchor import AnchorFailed


@dataclass(frozen=True, slots=True)
class AnchorsInFile:
    """The port `AnchorFile`."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def add(self, line: str) -> None:
        """Several processes may add at once; a line that a crash cut off stays a line of its own."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                end = file.seek(0, os.SEEK_END)
                torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
                file.write(b"\n" * torn + line.encode() + b"\n")
                os.fsync(descriptor)
        except OSError as error:
            raise AnchorFailed(f"{self.path}: {error.strerror}") from None

    def lines(self) -> Sequence[str]:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            raise AnchorFailed(f"{self.path}: {error.strerror}") from None
