"""The data lock: one world at a time uses a data directory, for as long as its process lives."""

import fcntl
import os
from pathlib import Path

FILE_NAME = "world.lock"


class DirectoryInUseError(Exception):
    """Another world holds the directory; `pid` is its process, or None when it has not said yet."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"pid {pid}")
        self.pid = pid


class DataLock:
    """A lock on a file in the directory; the kernel releases it when the process ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._descriptor: int | None = None

    @property
    def was_ever_taken(self) -> bool:
        """Whether any world has lived here; False promises that nobody holds it now."""
        return self._path.exists()

    def take(self) -> None:
        """Hold the directory, made when it is not there; a second call changes nothing.

        Raises DirectoryInUseError, and OSError when the directory cannot be written.
        """
        if self._descriptor is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20)
            os.close(descriptor)
            raise DirectoryInUseError(int(holder) if holder.strip().isdigit() else None) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next world in. The file stays: removing it would let two worlds lock two files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
