"""The client's own deadline for a request's statements on PostgreSQL.

The server's timeouts belong to the server: a frozen backend keeps none of them, and its kernel still acknowledges what we
send, so that TCP's do not help either. Here the client stops waiting and drops the connection.
"""

import time
from typing import Any

import psycopg
from flask import current_app, g
from psycopg.abc import PQGen

_AT_LEAST_SECONDS = 0.2
"""A request that was slow for another reason still gets an answer from a database that works."""
_APPLIES = "IDP_DATABASE_DEADLINE"
_GIVES_UP_AT = "database_gives_up_at"


class BoundedConnection(psycopg.Connection[Any]):
    """Waits for its server until `gives_up_at`, then drops the connection."""

    gives_up_at: float | None = None
    """By `time.monotonic()`; None: as long as the server wants."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises psycopg.OperationalError at the deadline."""
        if self.gives_up_at is None:
            return super().wait(gen, interval, timeout)
        patience = max(_AT_LEAST_SECONDS, self.gives_up_at - time.monotonic())
        try:
            return super().wait(gen, interval, patience)
        except psycopg.OperationalError as error:
            if time.monotonic() < self.gives_up_at:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError("the database did not answer in time; the connection is dropped") from error


def apply_to_contexts_of(app: Any, seconds: int | None) -> None:
    """Let each context of this application wait this many seconds for its database in all; None: without a limit."""
    app.config[_APPLIES] = seconds


def end_of_context() -> float | None:
    """When the present context gives up waiting, by `time.monotonic()`; its time begins with the first question."""
    seconds = current_app.config.get(_APPLIES)
    if seconds is None:
        return None
    return float(g.setdefault(_GIVES_UP_AT, time.monotonic() + seconds))


def bind(raw: Any, gives_up_at: float | None) -> None:
    """Let a connection from the pool give up when the context does that has just taken it."""
    if isinstance(raw, BoundedConnection):
        raw.gives_up_at = gives_up_at
