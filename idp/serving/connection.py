"""A connection: who owns it now, what was read, what must still be written, and until when that may take."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from socket import SHUT_WR, socket
from typing import Final

from idp.serving.http1 import Phase, RequestReader

_PIECE_BYTES: Final = 64 * 1024


class State(StrEnum):
    """What is waited for; the side that waits owns the connection."""

    HANDSHAKE = "handshake"
    READING = "reading"
    WORKING = "working"
    """A worker has it; there is no deadline, for it is ours to be quick."""
    WRITING = "writing"
    LINGERING = "lingering"
    """Everything is said; what the other side still sends is thrown away, or it might never see the answer."""


class WantsToWrite(Exception):
    """TLS must say something before it can hear more."""


@dataclass(slots=True, eq=False, kw_only=True)
class Connection:
    """Owned by the loop or by one worker, never by both: nothing here is locked."""

    socket: socket
    peer: str
    state: State
    deadline: float
    timed: Phase | None = None
    """What the deadline is for, while a request is read."""
    used_at: float
    """When it last began to wait for a request."""
    reader: RequestReader = field(default_factory=RequestReader)
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    persists: bool = True

    def receive(self) -> bytes | None:
        """What has come; b"" at the end, None when nothing is there yet. Raises OSError and WantsToWrite."""
        try:
            data = self.socket.recv(_PIECE_BYTES)
            if isinstance(self.socket, ssl.SSLSocket):
                while waiting := self.socket.pending():  # no poller tells of what TLS has read already
                    data += self.socket.recv(waiting)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            raise WantsToWrite from None
        except ssl.SSLEOFError:
            return b""
        return data

    def shake_hands(self) -> bool:
        """Go on with TLS; True when it is done. Raises OSError and WantsToWrite."""
        assert isinstance(self.socket, ssl.SSLSocket)  # noqa: S101 - no other has this state
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLWantWriteError:
            raise WantsToWrite from None
        return True

    def say(self, data: bytes) -> None:
        """Put it behind what is not sent yet."""
        self.unsent = memoryview(bytes(self.unsent) + data if self.unsent else data)

    def send(self) -> bool:
        """Send what was said; True when nothing is left. Raises OSError."""
        while self.unsent:
            try:
                sent = self.socket.send(self.unsent)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return False
            self.unsent = self.unsent[sent:]
        return True

    def say_goodbye(self) -> None:
        """Nothing more will be written. Raises OSError."""
        self.socket.shutdown(SHUT_WR)
