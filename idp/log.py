"""Logs as JSON lines on standard error: a time, a level, an event, and fields; never a secret or a person."""

import json
import logging
import queue
import re
import sys
import threading
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import structlog

_PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+]?\d{4}(?!\d)")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_HIDDEN = "…"
_GATHERING_SECONDS: Final = 0.02
_MOST_WAITING: Final = 20_000

_request_id: ContextVar[str] = ContextVar("request_id", default="")


class LineWriter:
    """Writes lines to a stream; once told so, from a separate thread, so that no request waits for their reader."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._some_wait = threading.Event()
        self._writing = threading.Lock()
        self._has_thread = False
        self._lost = 0

    def write(self, line: str) -> None:
        """Take one line without its end. When the stream has stood still for very long, lines are lost and counted."""
        if not self._has_thread:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        elif self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(line)
            if not self._some_wait.is_set():
                self._some_wait.set()
        else:
            self._lost += 1

    def use_thread(self) -> None:
        """Write from a thread from now on. Only for a process that will not fork: a thread does not survive that."""
        self._has_thread = True
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def flush(self) -> None:
        """Write what waits, in this thread."""
        with self._writing:
            lost, self._lost = self._lost, 0
            lines = [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
            if lost:
                lines.append(json.dumps({"event": "log lines lost", "level": "error", "lines": lost}))
            if lines:
                self._stream.write("\n".join((*lines, "")))
                self._stream.flush()

    def _run(self) -> None:
        while True:
            self._some_wait.wait()
            time.sleep(_GATHERING_SECONDS)  # a wake-up per line would interrupt the threads that work
            self._some_wait.clear()
            self.flush()


class _Handler(logging.Handler):
    """Gives the standard library's records to the writer; an error is on its way when the call returns."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._writer.write(self.format(record))
            if record.levelno >= logging.ERROR:
                self._writer.flush()
        except Exception:  # noqa: BLE001 - the logging library's own rule: a line that fails stops nobody
            self.handleError(record)


_writer: LineWriter | None = None


def begin_request(request_id: str) -> None:
    """Put this id on every line of the present thread or task until the next request begins."""
    _request_id.set(request_id)


def write_request_line(members: str) -> None:
    """Write an INFO line whose members are JSON already: it is the one line that every request pays for."""
    if _writer is not None and logging.root.isEnabledFor(logging.INFO):
        now = datetime.now(UTC).isoformat(timespec="microseconds")[:26]
        _writer.write(f'{{{members},"request_id":"{_request_id.get()}","level":"info","timestamp":"{now}Z"}}')


def use_thread() -> None:
    """Write lines from a thread from now on; for a process that serves requests."""
    if _writer is not None:
        _writer.use_thread()


def flush() -> None:
    """Write what waits to be written, before this process ends by the hard way."""
    if _writer is not None:
        _writer.flush()


def configure(level: str) -> None:
    """Send structlog and the standard library's loggers through one JSON writer."""
    global _writer  # noqa: PLW0603 - a process has one standard error
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _writer = LineWriter(sys.stderr)
    handler = _Handler(_writer)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Authlib writes whole tokens at DEBUG; urllib3 and werkzeug write addresses with their queries.
    for talkative in ("authlib", "urllib3", "werkzeug", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def _add_request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if request_id := _request_id.get():
        event.setdefault("request_id", request_id)
    return event


def one_line(error: Exception) -> str:
    """What a driver says, in one line: without the statement and its parameters, which may be personal."""
    driver = getattr(error, "orig", None) or error
    return f"{type(driver).__name__}: {str(driver).partition(chr(10))[0]}"


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second net: hide what looks like a personal number or a signed token, wherever it stands."""
    return {name: _clean(value) if isinstance(value, str) else value for name, value in event.items()}


def _clean(text: str) -> str:
    return _PERSONAL_NUMBER.sub(_HIDDEN, _JWT.sub(_HIDDEN, text))
