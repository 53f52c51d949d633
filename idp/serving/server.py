"""The server: one thread waits for all connections and reads whole requests, a few others run the application.

A client that is slow costs a place in a table and never a thread: heads, bodies and answers have deadlines. A connection
belongs to the loop while it is waited for and to one worker while it is worked on.
"""

import heapq
import os
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Final

import structlog

from idp.serving import http1, wsgi
from idp.serving.connection import Connection, State, WantsToWrite
from idp.serving.exchange import PATIENCE, Exchange, Patience
from idp.serving.poller import new_poller

_log = structlog.get_logger("idp.serving")

_TICK_SECONDS: Final = 0.25
_MOST_ACCEPTED: Final = 64
"""At a time, so that a flood of connections does not keep those that are there waiting."""


class Server:
    """Serves one application on one listening socket until it is told to stop."""

    def __init__(
        self,
        application: wsgi.Application,
        listener: socket.socket,
        *,
        threads: int,
        tls: ssl.SSLContext | None = None,
        patience: Patience = PATIENCE,
        most_connections: int = 8192,
        most_held: int = 64 * 1024 * 1024,
    ) -> None:
        self._listener, self._tls = listener, tls
        self._threads, self._patience = threads, patience
        self._most, self._most_held = most_connections, most_held
        self._poller = new_poller()
        self._connections: dict[int, Connection] = {}
        self._wakes, self._woken = socket.socketpair()
        host, port = listener.getsockname()[:2]
        base = wsgi.base_environment(host, port, "https" if tls else "http")
        self._exchange = Exchange(application, base, self._poller, patience)
        self._now = time.monotonic()
        self._accepts = True
        self._stop_asked = False
        self._unready_seconds = 0.0
        self._drain_seconds = 0.0
        self._stopping_since: float | None = None

    def stop(self, *, unready_seconds: float = 0, drain_seconds: float = 25) -> None:
        """End in order, from a signal handler or another thread.

        First only say that this process ends, then refuse connections, then wait for requests under way.
        """
        self._unready_seconds, self._drain_seconds = unready_seconds, drain_seconds
        self._stop_asked = True
        with suppress(OSError):
            self._wakes.send(b"!")

    def run(self, *, lifeline: int | None = None) -> None:
        """Serve. `lifeline` is a file that becomes readable when the supervisor is gone."""
        workers = [
            threading.Thread(target=self._exchange.work, name=f"web-{n}", daemon=True) for n in range(self._threads)
        ]
        for worker in workers:
            worker.start()
        self._listener.setblocking(False)
        self._woken.setblocking(False)
        for fd in (self._listener.fileno(), self._woken.fileno(), *([] if lifeline is None else [lifeline])):
            self._poller.listen(fd)
        try:
            self._loop(lifeline)
        finally:
            for _ in workers:
                self._exchange.requests.put(None)
            for connection in list(self._connections.values()):
                self._close(connection)
            self._stop_accepting()
            self._poller.close()
            self._wakes.close()
            self._woken.close()

    # ---- the loop ---------------------------------------------------------------------------------------------------

    def _loop(self, lifeline: int | None) -> None:
        ticked = 0.0
        while True:
            ready = self._poller.wait(_TICK_SECONDS if self._connections or self._stop_asked else 3600)
            self._now = time.monotonic()
            for fd in ready:
                if fd == self._listener.fileno():
                    self._accept()
                elif fd == self._woken.fileno():
                    with suppress(BlockingIOError):
                        self._woken.recv(4096)
                elif fd == lifeline:
                    self._poller.forget(fd)
                    self.stop()
                elif (connection := self._connections.get(fd)) is not None:
                    self._go_on(connection)
            if self._now - ticked >= _TICK_SECONDS or self._stop_asked:
                ticked = self._now
                self._end_what_is_late()
                self._end_what_is_too_much()
                if self._stop_asked and self._drained():
                    return

    def _accept(self) -> bool:
        """True when more of them may wait."""
        for _ in range(_MOST_ACCEPTED):
            try:
                accepted, address = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return False
            except OSError as problem:
                # No descriptor is left in this process or on this machine: somebody who only waits must go.
                _log.error("not accepted", reason=os.strerror(problem.errno or 0))
                self._make_room()
                return False
            if len(self._connections) >= self._most:
                self._make_room()
            try:
                self._begin(accepted, str(address[0]))
            except OSError:  # gone again
                accepted.close()
        return True

    def _begin(self, accepted: socket.socket, peer: str) -> None:
        accepted.setblocking(False)
        with suppress(OSError):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        state = State.READING
        if self._tls is not None:
            accepted = self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            state = State.HANDSHAKE
        connection = Connection(
            socket=accepted, peer=peer, state=state, deadline=self._now + self._patience.head, used_at=self._now
        )
        self._connections[accepted.fileno()] = connection
        self._poller.arm(accepted.fileno(), new=True)

    def _make_room(self) -> None:
        """Close those that have waited longest; a request that is worked on is nobody's to end."""
        waiting = [each for each in self._connections.values() if each.state is not State.WORKING]
        for connection in heapq.nsmallest(max(1, self._most // 16), waiting, key=lambda each: each.used_at):
            self._close(connection)

    def _go_on(self, connection: Connection) -> None:
        """The socket is ready for what the connection waits for."""
        try:
            self._step(connection)
        except WantsToWrite:
            self._poller.arm(connection.socket.fileno(), writing=True)
        except OSError:  # of TLS, too: the other side is gone, or speaks something else
            self._close(connection)
        except Exception:  # noqa: BLE001 - one connection's trouble must not become the others'
            _log.exception("connection failed")
            self._close(connection)

    def _step(self, connection: Connection) -> None:
        """Raises OSError and WantsToWrite."""
        match connection.state:
            case State.HANDSHAKE:
                if connection.shake_hands():
                    connection.state = State.READING
                self._poller.arm(connection.socket.fileno())
            case State.READING:
                self._read(connection)
            case State.WRITING:
                self._exchange.write(connection)
            case State.LINGERING:
                if connection.receive() == b"":
                    self._close(connection)
                else:
                    self._poller.arm(connection.socket.fileno())
            case State.WORKING:
                pass  # a worker's connection is not armed

    def _read(self, connection: Connection) -> None:
        data = connection.receive()
        if data == b"":
            self._close(connection)
            return
        if data:
            connection.reader.feed(data)
        self._exchange.advance(connection)

    def _end_what_is_late(self) -> None:
        for connection in list(self._connections.values()):
            if connection.state is State.WORKING or connection.deadline > self._now:
                continue
            if connection.state is State.READING and connection.reader.phase is not http1.Phase.IDLE:
                self._exchange.refuse(connection, 408)
            else:
                self._close(connection)

    def _end_what_is_too_much(self) -> None:
        """Unfinished requests share a store of bytes; when it is full, those that hold most of it go."""
        held = [(each.reader.held, each) for each in self._connections.values() if each.state is State.READING]
        excess = sum(size for size, _ in held) - self._most_held
        for size, connection in sorted(held, key=lambda each: each[0], reverse=True) if excess > 0 else ():
            if excess > 0:
                excess -= size
                self._close(connection)

    def _close(self, connection: Connection) -> None:
        """Only the loop closes: a descriptor's number is used again at once."""
        self._connections.pop(connection.socket.fileno(), None)
        connection.socket.close()

    # ---- ending -----------------------------------------------------------------------------------------------------

    def _drained(self) -> bool:
        """Whether everything is over; goes one step further each time it is asked."""
        if self._stopping_since is None:
            self._stopping_since = self._now
            self._exchange.say_goodbye()
        since = self._now - self._stopping_since
        if since < self._unready_seconds:
            return False
        self._stop_accepting()
        for connection in list(self._connections.values()):
            rests = connection.state is State.READING and connection.reader.phase is http1.Phase.IDLE
            if rests and self._now - connection.used_at >= self._patience.unused:
                self._close(connection)
        return not self._connections or since >= self._unready_seconds + self._drain_seconds

    def _stop_accepting(self) -> None:
        """Take the connections that are in the queue already, then refuse."""
        if self._accepts:
            self._accepts = False
            while self._accept():
                pass
            self._poller.forget(self._listener.fileno())
            self._listener.close()
