"""A PostgreSQL connection that runs prepared statements by libpq's own calls: psycopg's cursor costs more than the exchange."""

from collections.abc import Sequence
from select import POLLIN, poll
from typing import Any

import psycopg
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from idp.adapters.database.deadline import BoundedConnection


class PreparingConnection(BoundedConnection):
    """Prepares a statement at its first run, and keeps what that made.

    psycopg's own preparing must be off (`prepare_threshold=None`): it gives up everything that the backend has prepared.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._names: dict[str, bytes] = {}
        self._values = Transformer(self)

    def run_prepared(self, sql: str, values: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
        """Run a statement whose values are written $1, $2 …; the rows. Raises psycopg's errors."""
        name = self._names.get(sql) or self._prepare(sql)
        written = self._values.dump_sequence(values, (PyFormat.TEXT,) * len(values))
        self.pgconn.send_query_prepared(name, written, result_format=Format.BINARY)
        result = self._receive()
        if result.status != ExecStatus.TUPLES_OK:
            return ()
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)

    def begin(self) -> None:
        """Begin a transaction where none is open. Raises psycopg's errors, as the others here."""
        if self.is_idle:
            self._say(b"BEGIN")

    def commit(self) -> None:
        if not self.is_idle:
            self._say(b"COMMIT")

    def rollback(self) -> None:
        if not self.is_idle:
            super().rollback()

    @property
    def has_hung_up(self) -> bool:
        """Whether the server ended an idle connection: then there is something to read, and no statement is lost on it."""
        if self.closed:
            return True
        waiting = poll()
        waiting.register(self.pgconn.socket, POLLIN)
        return bool(waiting.poll(0))

    @property
    def is_idle(self) -> bool:
        """Whether no transaction is open, and the connection works."""
        return self.pgconn.transaction_status == TransactionStatus.IDLE

    def _say(self, command: bytes) -> None:
        self.pgconn.send_query(command)
        self._receive()

    def _prepare(self, sql: str) -> bytes:
        name = f"idp_{len(self._names)}".encode()
        self.pgconn.send_prepare(name, sql.encode())
        self._receive()
        self._names[sql] = name
        return name

    def _receive(self) -> PGresult:
        results: list[PGresult] = self.wait(generators.execute(self.pgconn))
        [result] = results
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result, encoding=self.info.encoding)
        if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
            raise psycopg.InternalError("a prepared statement gave neither rows nor an end")
        return result
