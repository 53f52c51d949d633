"""The engine: one pool per process, one connection per application context, and when a transaction begins.

On both databases a read takes no transaction and the first write begins one; repositories never commit. So a request that
only reads costs one round trip per statement, and on SQLite no snapshot is carried from a read into a write, which would
end in SQLITE_BUSY_SNAPSHOT. Nothing is answered before the commit of the code that opened the unit of work.

SQLite commits with synchronous=NORMAL: a killed process loses nothing; a power cut may lose the last moment of logins, which
are then repeated. Units that write who somebody is call `make_durable` and are on the disk before they are acknowledged.
PostgreSQL commits synchronously always.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import psycopg
from flask import Flask, has_app_context, has_request_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, event, exc, func, make_url, select
from sqlalchemy.engine import Dialect

from idp import settings
from idp.adapters.database.deadline import apply_to_contexts_of, bind, end_of_context
from idp.adapters.database.kept_connection import KeptConnection
from idp.adapters.database.postgres_statements import PreparingConnection
from idp.adapters.database.tables import metadata
from idp.adapters.secret_file import read_secret

BUSY_SECONDS = 5
"""How long a writer on SQLite waits for another one."""
DEADLINE_SECONDS = 2
"""How long a web request waits for PostgreSQL, a free connection and all its statements together."""
OUTAGES: tuple[type[Exception], ...] = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
    sqlite3.OperationalError,
)
"""What statements raise while the database is away, read-only, full or too busy: the same request may succeed later."""
_DURABLE = "idp_durable"
_POSTGRES_OPTIONS = "-c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=10s"


class ConnectionSession(Session):
    """A session that is only its connection: Flask-SQLAlchemy opens and ends it with the application context.

    We map no objects, and the bookkeeping for them would cost more than most of our statements.
    """

    def __init__(self, db: SQLAlchemy, **_options: object) -> None:
        self.engine = db.engine
        self._pooled: PoolProxiedConnection | None = None
        self._held: Connection | None = None
        self._of_request = False
        self._listeners: list[Callable[[bool], None]] = []

    def when_ended(self, tell: Callable[[bool], None]) -> None:
        """Say whether the present transaction was committed; False also when nobody knows."""
        self._listeners.append(tell)

    def connection(self, *_ignored: object, **_options: object) -> Connection:
        """The connection of this context, taken from the pool at the first statement."""
        if self._held is None:
            pooled = self._take()
            self._held = Connection(self.engine, connection=pooled)
            if _is_in_transaction(pooled.dbapi_connection, self._held.dialect):
                self._held.begin()  # so that its commit is this one
        return self._held

    def driver_connection(self, *, writes: bool) -> Any:
        """The driver's own, in a transaction when it is about to write; SQLAlchemy's is made when somebody needs it."""
        if self._held is None:
            raw, dialect = self._take().dbapi_connection, self.engine.dialect
        else:
            raw, dialect = _raw(self._held), self._held.dialect
            if writes and not self._held.in_transaction():
                self._held.begin()  # so that the commit of the unit of work reaches the driver
        if writes:
            _begin(raw, dialect)
        return raw

    def commit(self) -> None:
        present = self._held or self._pooled
        if present is not None:
            present.commit()
        self._tell(committed=True)

    def rollback(self) -> None:
        """A server that is out of reach has rolled back by itself; then the connection is only given up."""
        self._tell(committed=False)
        present = self._held or self._pooled
        if present is not None:
            try:
                present.rollback()
            except OUTAGES:
                present.invalidate()
                self._held = self._pooled = None

    def close(self) -> None:
        """Give the connection back to the pool, which rolls back what was not committed, or to this thread's next request."""
        self._tell(committed=False)
        held, pooled, self._held, self._pooled = self._held, self._pooled, None, None
        if held is not None:
            held.close()
        elif pooled is not None:
            if self._of_request and not _is_in_transaction(pooled.dbapi_connection, self.engine.dialect):
                _kept.take(pooled, self.engine.pool)
            else:
                pooled.close()

    def _tell(self, *, committed: bool) -> None:
        listeners, self._listeners = self._listeners, []
        for tell in listeners:
            tell(committed)

    def _take(self) -> PoolProxiedConnection:
        if self._pooled is None:
            gives_up_at = end_of_context()  # waiting for a free connection belongs to the context's time
            self._of_request = has_request_context()
            kept = _kept.give(self.engine.pool) if self._of_request else None
            self._pooled = kept or self.engine.raw_connection()
            bind(self._pooled.dbapi_connection, gives_up_at)
        return self._pooled


_kept = KeptConnection()
database = SQLAlchemy(metadata=metadata, session_options={"class_": ConnectionSession})


class Database:
    """The database of one provider, for the contexts of its web application and for those of jobs and commands."""

    def __init__(self, database_settings: settings.Database) -> None:
        self._settings = database_settings
        self._app: Flask | None = None

    def attach(self, app: Flask) -> None:
        """Let a web application's contexts open and end connections; ours are its contexts from then on.

        Each of them waits for the database as long as a request may.
        """
        self.close()
        configure(app, self._settings, deadline=DEADLINE_SECONDS)
        self._app = app

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Have a connection in the block: the request's or the outer block's where there is one."""
        with nullcontext() if has_app_context() else self._context().app_context():
            yield

    @contextmanager
    def unit_of_work(self) -> Iterator[None]:
        """Commit what the block wrote, or nothing of it when it raises."""
        with self.opened(), unit_of_work():
            yield

    def commit(self) -> None:
        """Keep what the present request wrote."""
        if database.session.registry.has():
            database.session.commit()

    def roll_back(self) -> None:
        """Keep nothing of what the present request wrote since the last commit."""
        database.session.rollback()

    def is_writable(self) -> bool:
        """Whether a write would be accepted now; for readiness. Raises one of `outages` when the database is gone."""
        return is_writable()

    @property
    def outages(self) -> tuple[type[Exception], ...]:
        """What statements raise while the database is out of reach."""
        return OUTAGES

    def close(self) -> None:
        """Give every connection up; the next statement opens another."""
        _kept.close()
        if self._app is not None:
            with self._app.app_context():
                database.engine.dispose()

    def _context(self) -> Flask:
        if self._app is None:
            app = Flask("idp")
            configure(app, self._settings)
            self._app = app  # only now, or closing would look for connections that were never configured
        return self._app


def configure(app: Flask, database_settings: settings.Database, *, deadline: int | None = None) -> None:
    """Connect an application to its database; nothing is opened before the first statement. Raises SecretFileProblem.

    `deadline`: for how many seconds a context of the application waits for PostgreSQL in all.
    """
    url = _address(database_settings)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    apply_to_contexts_of(app, deadline)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url, database_settings.pool_size, deadline=deadline)
    database.init_app(app)
    with app.app_context():
        listen(database.engine)


def _address(database_settings: settings.Database) -> URL:
    url = make_url(database_settings.url)
    if database_settings.password_file is not None:
        url = url.set(password=read_secret(database_settings.password_file))
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).absolute()))  # Flask-SQLAlchemy's own folder is nobody's guess
    return url


def engine_options(url: URL, pool_size: int, *, deadline: int | None = None) -> dict[str, Any]:
    """What `create_engine` needs beside the address."""
    options: dict[str, Any] = {
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": deadline or BUSY_SECONDS,
    }
    if url.get_backend_name() == "sqlite":
        return options | {
            "pool_timeout": BUSY_SECONDS,
            "connect_args": {"isolation_level": "IMMEDIATE", "timeout": BUSY_SECONDS},
        }
    connect_args = {
        "application_name": "idp",
        "connect_timeout": 2,
        "tcp_user_timeout": 5000,
        "keepalives_idle": 10,
        "options": _POSTGRES_OPTIONS,
        "prepare_threshold": None,
    }
    return options | {"isolation_level": "AUTOCOMMIT", "connect_args": connect_args}


def listen(engine: Engine) -> None:
    """Give an engine our rules about connections and transactions."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "commit", _flush_when_durable)
        event.listen(engine, "rollback", _forget_durable)
    else:
        event.listen(engine, "do_connect", _connect_preparing)
        event.listen(engine, "checkout", _refuse_hung_up)
        event.listen(engine, "before_cursor_execute", _begin_before_writing)


def connection() -> Connection:
    """The connection of the present application context; its transaction belongs to the code that opened the context."""
    return database.session.connection()


def session() -> ConnectionSession:
    """What holds the connection of the present application context."""
    return cast("ConnectionSession", database.session())


def driver_connection(*, writes: bool) -> tuple[Any, Dialect]:
    """The driver's connection below `connection`, in a transaction when it is about to write."""
    present = session()
    return present.driver_connection(writes=writes), present.engine.dialect


def is_sqlite() -> bool:
    """Whether the present context's database is SQLite."""
    return session().engine.dialect.name == "sqlite"


@contextmanager
def unit_of_work(app: Flask | None = None) -> Iterator[None]:
    """Commit what the block wrote, or nothing of it when it raises.

    Works in the present application context, or in a new one when given the application (jobs' threads).
    """
    with app.app_context() if app is not None else nullcontext():
        try:
            yield
            database.session.commit()
        except BaseException:
            database.session.rollback()
            raise
        finally:
            database.session.remove()


def make_durable(*, scrub: bool = False) -> None:
    """Have the present unit of work on the disk before its commit returns, even on SQLite.

    `scrub` leaves nothing in SQLite's files of what the connection deletes; PostgreSQL's go by its vacuum.
    """
    present = connection()
    if scrub and present.dialect.name == "sqlite":
        present.exec_driver_sql("PRAGMA secure_delete = ON")
    present.info[_DURABLE] = "TRUNCATE" if scrub else "PASSIVE"


def take_turn(name: str) -> None:
    """Let nobody else past the same point until the present unit of work ends."""
    present = connection()
    if present.dialect.name != "sqlite":
        present.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
    elif not _raw(present).in_transaction:
        present.exec_driver_sql("BEGIN IMMEDIATE")


def see_one_moment() -> None:
    """Let every read of the present unit of work see the database as it is at the first of them, unless it has written."""
    present = connection()
    if not _is_in_transaction(_raw(present), present.dialect):
        to_read = "" if present.dialect.name == "sqlite" else " ISOLATION LEVEL REPEATABLE READ READ ONLY"
        _raw(present).execute(f"BEGIN{to_read}")


def is_writable() -> bool:
    """Whether a write would be accepted now; for readiness. Raises SQLAlchemy's errors when the database is gone."""
    present = connection()
    if present.dialect.name == "sqlite":
        take_turn("writing")
        database.session.rollback()
        return True
    return bool(present.exec_driver_sql("SELECT current_setting('transaction_read_only') = 'off'").scalar_one())


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        raw.execute(f"PRAGMA {pragma}")


def _connect_preparing(_dialect: Dialect, _record: object, arguments: Any, options: Any) -> PreparingConnection:
    return PreparingConnection.connect(*arguments, **options)


def _flush_when_durable(present: Connection) -> None:
    if how := present.info.pop(_DURABLE, None):
        raw = _raw(present)
        raw.commit()
        raw.execute(f"PRAGMA wal_checkpoint({how})")  # syncs the log first, also when readers keep it from finishing


def _forget_durable(present: Connection) -> None:
    present.info.pop(_DURABLE, None)


def _refuse_hung_up(raw: Any, _record: object, _proxy: object) -> None:
    if raw.has_hung_up:
        raise exc.InvalidatePoolError


def _begin_before_writing(
    present: Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, *_many: object
) -> None:
    if not _only_reads(statement):
        _begin(_raw(present), present.dialect)


def _begin(raw: Any, dialect: Dialect) -> None:
    """SQLite's driver begins by itself, with BEGIN IMMEDIATE."""
    if dialect.name != "sqlite":
        raw.begin()


def _is_in_transaction(raw: Any, dialect: Dialect) -> bool:
    if dialect.name == "sqlite":
        return bool(raw.in_transaction)
    return not raw.is_idle


def _only_reads(statement: str) -> bool:
    return statement.startswith("SELECT") and " FOR UPDATE" not in statement and "pg_advisory" not in statement


def _raw(present: Connection) -> Any:
    return present.connection.dbapi_connection
