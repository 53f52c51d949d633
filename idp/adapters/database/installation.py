"""The database as its operator meets it: where it is, whether its schema is current, and how its clock and limits stand.

Everything here speaks to the database of the present application context.
"""

from datetime import UTC, datetime
from pathlib import Path

from idp.adapters.database import migrations
from idp.adapters.database.engine import connection, database


def address() -> str:
    """Where the database is, without its password."""
    return database.engine.url.render_as_string(hide_password=True)


def is_missing() -> bool:
    """True when the database is a file that is not there: opening it would make an empty one."""
    url = database.engine.url
    return is_file() and not Path(str(url.database)).exists()


def is_file() -> bool:
    """True for SQLite on a disk, which one node alone may use."""
    url = database.engine.url
    return database.engine.dialect.name == "sqlite" and url.database not in {None, "", ":memory:"}


def schema() -> migrations.Status:
    """The schema's version there and the one this program needs; nothing is made."""
    if is_missing():
        return migrations.Status(current=None, head=migrations.head())
    return migrations.status(database.engine)


def upgrade() -> None:
    """Bring the schema up to date; again is nothing."""
    migrations.upgrade(database.engine)


def clock() -> datetime | None:
    """The database server's own time; None for a file, which has none."""
    if is_file():
        return None
    seconds = connection().exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one()
    return datetime.fromtimestamp(float(seconds), tz=UTC)


def connection_limit() -> int | None:
    """How many connections the server grants to everybody together; None for a file."""
    if is_file():
        return None
    return int(connection().exec_driver_sql("SELECT current_setting('max_connections')").scalar_one())
