"""Anchors to syslog (RFC 5424), by the socket of this machine or by UDP (RFC 5426) to another one."""

import os
import socket
from dataclasses import dataclass
from typing import Any

from idp.core.audit_chain.anchor import AnchorFailed

_LOG_AUDIT, _NOTICE = 13, 5
_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AnchorsToSyslog:
    """The port `AnchorPlace`."""

    address: str
    """A socket such as `/dev/log`, or `host:port`."""

    @property
    def name(self) -> str:
        return f"syslog at {self.address}"

    def add(self, line: str) -> None:
        """What was sent by UDP may still be lost on its way."""
        host = socket.gethostname() or "-"
        message = f"<{_LOG_AUDIT * 8 + _NOTICE}>1 - {host} idp {os.getpid()} audit-anchor - {line}".encode()
        try:
            with self._connected() as connected:
                connected.send(message)
        except OSError as error:
            raise AnchorFailed(f"{self.name}: {error.strerror or error}") from None

    def _connected(self) -> socket.socket:
        if self.address.startswith("/"):
            return _connect(socket.AF_UNIX, self.address)
        host, _, port = self.address.rpartition(":")
        [(family, _, _, _, peer), *_] = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
        return _connect(family, peer)


def _connect(family: int, peer: Any) -> socket.socket:
    connected = socket.socket(family, socket.SOCK_DGRAM)
    try:
        connected.settimeout(_TIMEOUT_SECONDS)
        connected.connect(peer)
    except OSError:
        connected.close()
        raise
    return connected
