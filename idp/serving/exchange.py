"""An exchange: a request that has been read whole, the application's answer to it, and what comes after that.

The loop and the workers use it alike, each on the connections that are theirs at that moment.
"""

import queue
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Final

import structlog

from idp.serving import http1, wsgi
from idp.serving.connection import Connection, State
from idp.serving.poller import Poller

_log = structlog.get_logger("idp.serving")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a client may take, in seconds."""

    head: float = 10
    """Also for a handshake."""
    body: float = 10
    """For the whole of it."""
    answer: float = 60
    idle: float = 75
    """Longer than proxies keep a connection, so that it is they who end it and never in the middle of a request."""
    linger: float = 2
    unused: float = 1
    """While stopping: a connection without a request for so long is closed."""


PATIENCE: Final = Patience()


class Exchange:
    """Everything about one server's requests and answers."""

    def __init__(self, application: wsgi.Application, base: dict[str, Any], poller: Poller, patience: Patience) -> None:
        self._application, self._base, self._poller, self._patience = application, base, poller, patience
        self._date = (0, "")
        self.requests: queue.SimpleQueue[tuple[Connection, http1.Request] | None] = queue.SimpleQueue()
        """None ends one worker."""

    def say_goodbye(self) -> None:
        """From now on the application knows that this process is about to end, and no connection persists."""
        self._base = {**self._base, wsgi.DRAINING: True}

    def advance(self, connection: Connection) -> None:
        """Hand a whole request to the workers, or wait for the rest of it."""
        reader = connection.reader
        try:
            request = reader.take()
        except http1.Refused as refused:
            self.refuse(connection, refused.status)
            return
        if request is not None:
            connection.state, connection.timed = State.WORKING, None
            connection.persists = request.persists
            self.requests.put((connection, request))
            return
        if reader.wants_continue:
            reader.wants_continue = False
            connection.say(http1.CONTINUE)
            connection.send()
        if reader.phase is not connection.timed:
            self._give_time(connection)
        connection.state = State.READING
        self._poller.arm(connection.socket.fileno())

    def _give_time(self, connection: Connection) -> None:
        patience, now = self._patience, time.monotonic()
        connection.timed = connection.reader.phase
        match connection.timed:
            case http1.Phase.IDLE:
                connection.deadline, connection.used_at = now + patience.idle, now
            case http1.Phase.HEAD:
                connection.deadline = now + patience.head
            case http1.Phase.BODY:
                connection.deadline = now + patience.body

    def write(self, connection: Connection) -> None:
        """Write what is left. Raises OSError."""
        if not connection.send():
            if connection.state is not State.WRITING:
                connection.deadline = time.monotonic() + self._patience.answer
                connection.state = State.WRITING
            self._poller.arm(connection.socket.fileno(), writing=True)
        elif connection.persists:
            self.advance(connection)
        else:
            connection.deadline = time.monotonic() + self._patience.linger
            connection.state = State.LINGERING
            connection.say_goodbye()
            self._poller.arm(connection.socket.fileno())

    def refuse(self, connection: Connection, status: int) -> None:
        connection.persists = False
        connection.say(http1.refusal(status, self._http_date()))
        self._write_or_give_up(connection)

    def _write_or_give_up(self, connection: Connection) -> None:
        try:
            self.write(connection)
        except OSError:
            connection.deadline = 0  # the loop closes it
            connection.state = State.LINGERING

    def work(self) -> None:
        while (task := self.requests.get()) is not None:
            connection, request = task
            try:
                self._answer(connection, request)
            except Exception:  # noqa: BLE001 - no request may end the thread that the next one needs
                _log.exception("request failed")
                self.refuse(connection, 500)

    def _answer(self, connection: Connection, request: http1.Request) -> None:
        """Raises what the application raises, and ValueError for an answer that cannot be written."""
        answer = wsgi.call(self._application, wsgi.environment(request, connection.peer, self._base))
        if wsgi.DRAINING in self._base:
            connection.persists = False
        head = http1.head_of(answer.status, answer.fields, date=self._http_date(), persists=connection.persists)
        connection.say(head + answer.body)
        self._write_or_give_up(connection)

    def _http_date(self) -> str:
        """Of this second (RFC 9110 6.6.1)."""
        second, text = self._date
        now = int(time.time())
        if now != second:
            text = formatdate(now, usegmt=True)
            self._date = (now, text)
        return text
