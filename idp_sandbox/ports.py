"""Ports: which six the world takes, and which process listens on one that is taken."""

import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FIRST_PORT = 8000
_LISTENING = "0A"  # the state column of /proc/net/tcp


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The TCP ports of the world's programs, on the loopback interface."""

    idp: int
    minasidor: int
    mittprezero: int
    phone: int
    bankid: int
    playground: int

    @classmethod
    def starting_at(cls, first: int) -> Self:
        """Six ports in a row."""
        names = ("idp", "minasidor", "mittprezero", "phone", "bankid", "playground")
        return cls(**{name: first + offset for offset, name in enumerate(names)})

    def all(self) -> tuple[int, ...]:
        return (self.idp, self.minasidor, self.mittprezero, self.phone, self.bankid, self.playground)

    def taken(self) -> tuple[int, ...]:
        """Those on which another program already listens."""
        return tuple(port for port in self.all() if not _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_listener(port: int) -> str | None:
    """Name the process that listens on a port, as "name (pid 123)", when this user may see it."""
    return _listener_from_proc(port) or _listener_from_lsof(port)


def _listener_from_proc(port: int) -> str | None:
    sockets = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            rows = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for columns in map(str.split, rows):
            if columns[3] == _LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{columns[9]}]")
    return _owner_of(sockets) if sockets else None


def _owner_of(sockets: set[str]) -> str | None:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(handle.readlink()) in sockets for handle in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue  # somebody else's process, or one that has just ended
    return None


def _listener_from_lsof(port: int) -> str | None:
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    fields = {
        line[:1]: line[1:]
        for line in subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    }
    return f"{fields.get('c', 'a program')} (pid {fields['p']})" if "p" in fields else None
